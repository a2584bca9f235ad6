import { directly, type Engine, EngineError, type EngineOptions } from './engine.js';

/** The engine of a kind, loaded when it is asked for: who only checks or plans loads neither TensorFlow.js nor ONNX Runtime. `within` calls what runs a step's own code. */
export async function createEngine(options: EngineOptions, within = directly): Promise<Engine> {
  switch (options.kind) {
    case 'compiled': {
      const { createCompiledEngine } = await import('./compiled.js');
      return createCompiledEngine(options, within);
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
