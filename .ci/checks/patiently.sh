# patiently SECONDS COMMAND...: until it succeeds.
patiently() {
  local left=$(($1 * 5))
  shift
  until "$@"; do
    if ((left-- == 0)); then
      echo "waited in vain for: $*" >&2
      return 1
    fi
    sleep 0.2
  done
}

# One below those that the system gives to outgoing connections.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
