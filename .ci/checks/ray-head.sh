# A Ray head with its Jobs API on this machine for a check: source this, then `start_ray RAY DIR`, and `stop_ray` at the end. `ray stop` would
# end every Ray of the machine; here each process is known by its session, or by the mark in its environment. Takes 1.8 GB of memory.

source "$(dirname "${BASH_SOURCE[0]}")/patiently.sh"

start_ray() {
  local ray=$1 ports=() port
  ray_folder=$2
  mkdir -p "$ray_folder"
  # A socket lies 62 characters below, and 107 are allowed.
  ray_sessions=$(mktemp -d /tmp/ray.XXXXXX)
  for port in 1 2 3 4 5 6 7 8 9; do ports+=("$(free_port)"); done
  RAY_API_SERVER_ADDRESS=http://127.0.0.1:${ports[0]}
  export RAY_API_SERVER_ADDRESS
  RETABLE_CHECK=$ray_folder setsid "$ray" start --head --block --disable-usage-stats --temp-dir="$ray_sessions" --num-cpus=2 --num-gpus=0 \
    --object-store-memory=100000000 --node-ip-address=127.0.0.1 --dashboard-host=127.0.0.1 --dashboard-port="${ports[0]}" \
    --port="${ports[1]}" --ray-client-server-port="${ports[2]}" --node-manager-port="${ports[3]}" --object-manager-port="${ports[4]}" \
    --metrics-export-port="${ports[5]}" --dashboard-agent-listen-port="${ports[6]}" --dashboard-agent-grpc-port="${ports[7]}" \
    --runtime-env-agent-port="${ports[8]}" </dev/null >"$ray_folder/head.txt" 2>&1 &
  ray_session=$!
  disown
  patiently 120 ray_runs_jobs || {
    tail -n 20 "$ray_folder/head.txt"
    return 1
  }
}

# The API answers before the node can run a job.
ray_runs_jobs() {
  local said
  said=$(curl -sf -m 5 "$RAY_API_SERVER_ADDRESS/api/jobs/ready") || {
    curl -sf -m 5 -o /dev/null -H 'content-type: application/json' -d '{"entrypoint":"true","submission_id":"ready"}' \
      "$RAY_API_SERVER_ADDRESS/api/jobs/" || true
    return 1
  }
  [[ $said == *'"SUCCEEDED"'* ]]
}

stop_ray() {
  local signal process
  if [[ -z ${ray_folder:-} ]]; then return; fi
  for signal in TERM KILL; do
    for process in $(ray_processes); do kill -s "$signal" "$process" 2>/dev/null || true; done
    patiently 5 ray_is_gone 2>/dev/null || true
  done
  rm -rf "$ray_sessions"
}

kill_ray_node() {
  local process
  for process in $(ray_processes); do
    if [[ $(cat "/proc/$process/comm" 2>/dev/null) == raylet ]]; then kill -KILL "$process"; fi
  done
}

ray_is_gone() { [[ -z $(ray_processes) ]]; }
ray_processes() {
  local process
  for process in $(
    pgrep --session "$ray_session" || true
    grep -l -s -z -x -F "RETABLE_CHECK=$ray_folder" /proc/[0-9]*/environ | cut -d/ -f3
  ); do
    if ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$process/status" 2>/dev/null; then echo "$process"; fi
  done
}
