# A list of checks, each timed, none hiding the next: source this, call `check NAME COMMAND...` for each, and `conclude` at the end.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset CDPATH GIT_DIR GIT_WORK_TREE
export NO_COLOR=1
# Python's ONNX Runtime reports to its maker too.
export ORT_DISABLE_TELEMETRY=1

passed=0
failed=()
running=

# One check may take this many seconds; then it and whatever it started are ended.
limit=1500

# scratch is for whoever needs a folder; it is gone when the list ends, however it ends.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/retable-ci.XXXXXX")
export scratch

leave() {
  if [[ -n $running ]]; then kill -TERM "$running" 2>/dev/null && wait "$running" || true; fi
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
  if ((status == 0)); then
    passed=$((passed + 1))
    printf '== %s: passed in %d s\n' "$name" $((SECONDS - began))
  else
    failed+=("$name")
    printf '== %s: FAILED with status %d after %d s\n' "$name" "$status" $((SECONDS - began))
  fi
}

conclude() {
  printf '\n'
  if ((${#failed[@]} > 0)); then printf 'failed: %s\n' "${failed[@]}"; fi
  printf '%d passed, %d failed\n' "$passed" "${#failed[@]}"
  ((${#failed[@]} == 0))
}
