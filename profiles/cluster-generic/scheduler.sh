#!/bin/sh
# What Snakemake's generic executor asks of a scheduler. Usage:
#   scheduler.sh submit RULE THREADS MEM_MB MINUTES JOBSCRIPT   prints the job's id
#   scheduler.sh status ID                                      prints running, success or failed
#   scheduler.sh cancel ID...
#   scheduler.sh run JOBSCRIPT                                  on the node: runs it and leaves its exit status behind
# A job's end is known from what it left behind itself. The scheduler is asked only about jobs that have left nothing yet, and while it cannot be
# reached, they are taken to be running: an outage loses nothing.
records=${WEIGHTSPACE_JOB_RECORDS:-.snakemake/cluster-generic}
action=$1
shift

scheduler=$WEIGHTSPACE_SCHEDULER
if [ -z "$scheduler" ]; then
    if command -v sbatch >/dev/null; then scheduler=slurm
    elif command -v qstat >/dev/null && qstat --version 2>&1 | grep -qi pbs; then scheduler=pbs
    elif command -v qsub >/dev/null; then scheduler=sge
    else
        echo "no sbatch and no qsub on PATH: this machine submits no jobs" >&2
        exit 1
    fi
fi

submit() { # as submit_once; tries again for ten minutes while the scheduler cannot be reached
    patience=${WEIGHTSPACE_SUBMIT_PATIENCE:-600}
    until said=$(submit_once "$@" 2>&1); do
        case $said in *[Uu]"nable to contact"* | *"onnection refused"* | *"cannot connect"* | *"unable to send message"*) ;;
        *) patience=0 ;;
        esac
        if [ "$patience" -le 0 ]; then
            echo "$said" >&2
            exit 1
        fi
        sleep 10
        patience=$((patience - 10))
    done
    echo "$said" | tail -n 1
}

submit_once() { # RULE THREADS MEM_MB MINUTES JOBSCRIPT
    mkdir -p "$records"
    self=$(realpath "$0")
    case $scheduler in
    slurm)
        sbatch --parsable --job-name="$1" --cpus-per-task="$2" --mem="$3" --time="$4" --output="$records/%j.log" \
            --wrap "sh '$self' run '$5'"
        ;;
    sge) # h_vmem is per slot; the parallel environment smp is the site's
        qsub -terse -cwd -V -b y -N "$1" -pe smp "$2" -l h_vmem="$(($3 / $2 + 1))M" -l h_rt="$(($4 * 60))" -j y -o "$records/" sh "$self" run "$5"
        ;;
    pbs)
        qsub -N "$1" -V -j oe -o "$records/" -l select=1:ncpus="$2":mem="$3"mb -l walltime="$(printf '%02d:%02d:00' $(($4 / 60)) $(($4 % 60)))" \
            -- /bin/sh -c "cd '$PWD' && exec sh '$self' run '$5'"
        ;;
    *)
        echo "WEIGHTSPACE_SCHEDULER is '$scheduler'; allowed: slurm, sge, pbs" >&2
        exit 1
        ;;
    esac
}

run() { # JOBSCRIPT
    sh "$1"
    status=$?
    id=${SLURM_JOB_ID:-${PBS_JOBID:-$JOB_ID}}
    echo "$status" >"$records/.$id.new" && mv "$records/.$id.new" "$records/$id.exit"
    exit "$status"
}

knows() { # ID: prints yes, no, or unreachable
    case $scheduler in
    slurm)
        if said=$(squeue --noheader --format=%T --job "$1" 2>&1); then
            case $said in
            "" | COMPLETED | FAILED | CANCELLED* | TIMEOUT | NODE_FAIL | OUT_OF_MEMORY | DEADLINE | BOOT_FAIL) echo no ;;
            *) echo yes ;;
            esac
            return
        fi
        case $said in *"Invalid job id"*) echo no ;; *) echo unreachable ;; esac
        ;;
    sge)
        if said=$(qstat -j "$1" 2>&1); then echo yes; return; fi
        case $said in *"do not exist"*) echo no ;; *) echo unreachable ;; esac
        ;;
    pbs)
        if said=$(qstat "$1" 2>&1); then echo yes; return; fi
        case $said in *"Unknown Job"* | *"has finished"*) echo no ;; *) echo unreachable ;; esac
        ;;
    esac
}

left_behind() { # ID: prints success or failed if the job has ended by itself
    [ -s "$records/$1.exit" ] || return 1
    if [ "$(cat "$records/$1.exit")" = 0 ]; then echo success; else echo failed; fi
}

status() { # ID
    left_behind "$1" && return
    if [ "$(knows "$1")" = no ]; then
        sleep "${WEIGHTSPACE_FILE_DELAY:-5}" # the file may only just be on its way through the shared file system
        left_behind "$1" || echo failed
    else
        echo running
    fi
}

cancel() {
    case $scheduler in
    slurm) scancel "$@" ;;
    *) qdel "$@" ;;
    esac
}

case $action in
submit | run | status | cancel) "$action" "$@" ;;
*)
    echo "scheduler.sh $action: allowed are submit, run, status, cancel" >&2
    exit 1
    ;;
esac
