# MLflow's own server for a check: source this. It takes the Python of .ci/checks/mlflow-venv.

mlflow_python=$PWD/test/.scratch/mlflow/bin/python
mlflow_pid=
export MLFLOW_ALLOW_FILE_STORE=true MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT=true

# One worker on SQLite in the folder $1, artifacts served, on a free port; its address is $mlflow_uri, and it ends with this shell.
start_mlflow() {
  local folder=$1 port
  mkdir -p "$folder"
  port=$("$mlflow_python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  mlflow_uri=http://127.0.0.1:$port
  (cd "$folder" && exec "$mlflow_python" -m mlflow server --host 127.0.0.1 --port "$port" --workers 1 \
    --backend-store-uri sqlite:///mlflow.db --artifacts-destination ./artifacts >server.log 2>&1) &
  mlflow_pid=$!
  trap 'kill -TERM "$mlflow_pid" 2>/dev/null && wait "$mlflow_pid" || true' EXIT
  until node -e 'fetch(process.argv[1]).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))' "$mlflow_uri/health"; do
    if ! kill -0 "$mlflow_pid" 2>/dev/null; then
      cat "$folder/server.log"
      return 1
    fi
    sleep 0.3
  done
}
