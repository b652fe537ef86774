// Browsers show no page of more than 2 MB that is given as a data: address, which is how Snakemake's report gives its
// pages; as a blob: they do.
for (const result of Object.values(results)) {
  if (result.mime_type === "text/html" && result.data_uri.length > 1_500_000) {
    const bytes = Uint8Array.from(atob(result.data_uri.split("base64,")[1]), (letter) => letter.charCodeAt(0));
    result.data_uri = URL.createObjectURL(new Blob([bytes], { type: "text/html;charset=utf-8" }));
  }
}
