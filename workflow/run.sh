#!/bin/sh
# One run at a time in this folder; after a kill, stale locks are removed under our own lock. Usage: run.sh CORES [snakemake arguments]
cores=$1
shift
exec 9>.run.lock
if command -v flock >/dev/null; then
    flock -w 2 9 || {
        echo "Another run is active in this folder; wait for it to end." >&2
        exit 1
    }
    [ -d .snakemake/locks ] && [ -n "$(ls -A .snakemake/locks 2>/dev/null)" ] && snakemake --unlock --cores 1 "$@" >/dev/null 2>&1
fi
# Snakemake keeps the descriptor and with it the lock; its jobs do not, since Python closes descriptors in children.
exec snakemake --cores "$cores" "$@"
