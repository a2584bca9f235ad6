import { env } from 'node:process';

/**
 * From 1.29 on ONNX Runtime's packages report every session to their maker's server, from Linux and macOS too, and leave an identifier in the
 * user's cache. A training is nobody's business: unless a person decides otherwise, nothing is collected. Read once, when the library is loaded.
 *
 * Source: ONNX Runtime, pull request 27379 ("Add POSIX telemetry").
 */
env['ORT_DISABLE_TELEMETRY'] ??= '1';
