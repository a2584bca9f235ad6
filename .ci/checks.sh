# A list of checks, each timed, none hiding the next: source this, call `check NAME COMMAND...` for each, and `conclude` at the end.
# `aside NAME COMMAND...` only begins one, beside what follows; `gather` waits for those that were begun, and tells of each as `check` does.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset CDPATH GIT_DIR GIT_WORK_TREE
export NO_COLOR=1
# Python's ONNX Runtime reports to its maker too.
export ORT_DISABLE_TELEMETRY=1

passed=0
failed=()
running=
beside=()
beside_names=()

# One check may take this many seconds; then it and whatever it started are ended.
limit=1500

# scratch is for whoever needs a folder; it is gone when the list ends, however it ends.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/retable-ci.XXXXXX")
export scratch

leave() {
  local each
  for each in $running "${beside[@]}"; do kill -TERM "$each" 2>/dev/null && wait "$each" || true; done
  rm -rf "$scratch"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

check() {
  local name=$1 began=$SECONDS status=0
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  # timeout leads a process group of its own and ends all of it. In the background, so that a signal to us is answered at once.
  timeout --kill-after=20 "$limit" "$@" </dev/null &
  running=$!
  wait "$running" || status=$?
  running=
  tell "$name" "$status" $((SECONDS - began))
}

aside() {
  local name=$1 said=$scratch/beside.${#beside[@]}
  shift
  printf '== %s: %s\n' "$name" "$*" >"$said"
  # How long it took is written down, whenever somebody comes to look.
  timeout --kill-after=20 "$limit" bash -c 'SECONDS=0 status=0; "$@" || status=$?; echo "$SECONDS" >"$0"; exit "$status"' \
    "$said.seconds" "$@" </dev/null >>"$said" 2>&1 &
  beside+=("$!")
  beside_names+=("$name")
}

gather() {
  local i status
  for i in "${!beside[@]}"; do
    status=0
    wait "${beside[i]}" || status=$?
    printf '\n'
    cat "$scratch/beside.$i"
    tell "${beside_names[i]}" "$status" "$(cat "$scratch/beside.$i.seconds" 2>/dev/null || echo "$limit")"
    rm -f "$scratch/beside.$i"*
  done
  beside=()
  beside_names=()
}

tell() {
  if (($2 == 0)); then
    passed=$((passed + 1))
    printf '== %s: passed in %d s\n' "$1" "$3"
  else
    failed+=("$1")
    printf '== %s: FAILED with status %d after %d s\n' "$1" "$2" "$3"
  fi
}

conclude() {
  printf '\n'
  if ((${#failed[@]} > 0)); then printf 'failed: %s\n' "${failed[@]}"; fi
  printf '%d passed, %d failed\n' "$passed" "${#failed[@]}"
  ((${#failed[@]} == 0))
}
