#!/bin/sh
# squeue, sacct and sbatch for Snakemake's Slurm plugin: the site's own commands, which wait while Slurm cannot be reached. The links in commands/ lead here,
# and the Snakefile puts that folder first on PATH of a run through the plugin.
# The plugin (2.8.0) forgets its jobs, and waits for ever, once all attempts of a status check have failed; and while the controller is away it asks
# sacct, which always fails on a site without accounting.
called=$(basename "$0")
here=$(cd "$(dirname "$0")" && pwd)

site() { # NAME: path of the site's own command
    IFS=:
    for folder in $PATH; do
        if [ -x "$folder/$1" ] && ! [ "$folder" -ef "$here" ]; then
            echo "$folder/$1"
            return
        fi
    done
    echo "$1: not found on PATH" >&2
    return 127
}

ask() { # ARGUMENTS of a status query: answers it, through the controller where there is no accounting
    "$command" "$@" >"$kept/answer" 2>"$kept/reason" && return
    case $called in sacct) grep -q "accounting storage is disabled" "$kept/reason" || return ;; *) return 1 ;; esac
    for run; do :; done # the last argument is the name that all jobs of this run have
    "$(site squeue)" --format='%i|%T' --states=all --noheader --name "$run" >"$kept/answer" 2>"$kept/reason"
}

submit() { # ARGUMENTS of sbatch; ends at once where anything but a refused connection is the reason: the job may have been accepted
    "$command" "$@" >"$kept/answer" 2>"$kept/reason" && return
    grep -q "connect failure" "$kept/reason" || fail
    return 1
}

fail() {
    cat "$kept/reason" >&2
    exit 1
}

say() { # in a log of its own and on Snakemake's terminal: it shows nothing of what its plugin's commands write
    line="$(date '+%F %T') Slurm does not answer, and this run waits for it ($called: $(tail -n 1 "$kept/reason"))"
    [ ! -d .snakemake ] || echo "$line" >>.snakemake/slurm_outages.log
    # Not into a file, where Snakemake would write over it.
    [ -f "/proc/$PPID/fd/2" ] || echo "$line" 2>/dev/null >>"/proc/$PPID/fd/2"
}

patiently() { # SECONDS COMMAND [ARGUMENTS]: until it succeeds
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        say
        [ "$(date +%s)" -lt "$end" ] || fail
        sleep 5
    done
    cat "$kept/reason" >&2
    cat "$kept/answer"
}

command=$(site "$called") || exit
kept=$(mktemp -d) || exit
trap 'rm -rf "$kept"' EXIT
case $called,$* in
# The plugin gives a query 60 s, and the profile makes as many attempts as an outage may need.
squeue,*--name* | sacct,*--name*) patiently "${WEIGHTSPACE_STATUS_PATIENCE:-30}" ask "$@" ;;
sbatch,*/dev/stdin*) "$command" "$@" ;; # its script can be read only once
sbatch,*) patiently "${WEIGHTSPACE_SUBMIT_PATIENCE:-600}" submit "$@" ;;
*) "$command" "$@" ;;
esac
