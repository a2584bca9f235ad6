# A Slurm of one node for a check, without systemd or anything under /etc: source this, then `start_slurm DIR`, and `stop_slurm` at the end.
# Key, configuration, state and sockets lie in DIR, a path of at most 80 characters without spaces. Needs root.

source "$(dirname "${BASH_SOURCE[0]}")/patiently.sh"

slurm_node=n1

start_slurm() {
  slurm=$1
  mkdir -p "$slurm"/{run,log,state,spool}
  (umask 077 && head -c 1024 /dev/urandom >"$slurm/munge.key")
  export SLURM_CONF=$slurm/slurm.conf
  configure_slurm >"$SLURM_CONF"
  # Newer versions look for control groups unless they are told not to.
  echo 'CgroupPlugin=disabled' >"$slurm/cgroup.conf"
  case $(slurmctld -V) in *' 22.'* | *' 21.'*) rm "$slurm/cgroup.conf" ;; esac

  daemon munged munged --foreground --force --num-threads=2 --key-file="$slurm/munge.key" --socket="$slurm/run/munge.socket" \
    --pid-file="$slurm/run/munged" --log-file="$slurm/log/munged.log" --seed-file="$slurm/run/munge.seed"
  patiently 10 test -S "$slurm/run/munge.socket"
  daemon slurmctld slurmctld -D -f "$SLURM_CONF"
  start_node
}

# Jobs are lost with their node after 5 seconds of silence and begin again 6 seconds later: minutes where it is no test.
configure_slurm() {
  local host
  host=$(hostname -s 2>/dev/null || hostname)
  cat <<END
ClusterName=retable
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$slurm/run/munge.socket,cred_expire=5
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/run/slurmctld
SlurmdPidFile=$slurm/run/slurmd
SlurmctldLogFile=$slurm/log/slurmctld.log
SlurmdLogFile=$slurm/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=5
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=3
SlurmdTimeout=5
NodeName=$slurm_node NodeHostname=$host NodeAddr=127.0.0.1 Port=$(free_port) CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=60 DefaultTime=30 State=UP
END
}

start_node() {
  daemon slurmd slurmd -D -f "$SLURM_CONF" -N "$slurm_node"
  patiently 30 node_is 'idle|mixed|allocated|completing'
}

# The daemon dies; what it had started lives on.
kill_node() {
  kill -KILL "$(pid_of slurmd)"
}

stop_slurm() {
  local name
  if [[ -z ${slurm:-} ]]; then return; fi
  if alive slurmctld && alive munged; then
    if ! alive slurmd; then scontrol update nodename="$slurm_node" state=down reason=stop || true; fi
    scancel --user=root || true
    patiently 20 no_jobs || true
  fi
  for name in slurmd slurmctld munged; do
    if ! alive "$name"; then continue; fi
    kill -TERM "$(pid_of "$name")" || true
    patiently 10 dead "$name" || kill -KILL "$(pid_of "$name")" || true
  done
  end_jobs
}

# Processes of jobs whose daemon died before they did: they carry our configuration's path in their environment.
end_jobs() {
  local process
  for process in $(grep -l -s -z -x -F "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ | cut -d/ -f3); do
    if [[ $process != "$$" && $process != "$BASHPID" ]]; then kill -KILL "$process" 2>/dev/null || true; fi
  done
}

daemon() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"$slurm/log/$name.out" 2>&1 &
  echo $! >"$slurm/run/$name.pid"
  disown
}
pid_of() { cat "$slurm/run/$1.pid"; }
alive() { [[ -e $slurm/run/$1.pid ]] && ! dead "$1"; }
dead() { [[ ! -e /proc/$(pid_of "$1") ]] || grep -q '^State:[[:space:]]*[ZX]' "/proc/$(pid_of "$1")/status" 2>/dev/null; }
node_is() { sinfo -h -n "$slurm_node" -o %T 2>/dev/null | grep -qE "^($1)\*?$"; }
no_jobs() { [[ -z $(squeue -h -o %i 2>/dev/null) ]]; }
