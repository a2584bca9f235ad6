import { directly, type Engine, EngineError, type EngineOptions, type Natively } from './engine.js';

/** The engine of a kind, loaded when it is asked for: who only checks or plans loads neither TensorFlow.js nor ONNX Runtime. `within` calls what runs a step's own code, `natively` what takes long in a native library. */
export async function createEngine(options: EngineOptions, within = directly, natively: Natively = directly): Promise<Engine> {
  switch (options.kind) {
    case 'compiled': {
      const { createCompiledEngine } = await import('./compiled.js');
      return createCompiledEngine(options, within, natively);
    }
    case 'eager-js':
    case 'eager-wasm':
    case 'tensorflow': {
      const { createEagerEngine } = await import('./eager.js');
      return createEagerEngine({ ...options, kind: options.kind }, within);
    }
    default:
      throw new EngineError(`there is no engine ${String(options.kind satisfies never)}`);
  }
}
