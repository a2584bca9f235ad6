import { type Engine, EngineError, type EngineHooks, type EngineOptions } from './engine.js';

/** The engine of a kind, loaded when it is asked for: who only checks or plans loads neither TensorFlow.js nor ONNX Runtime. */
export async function createEngine(options: EngineOptions, hooks: EngineHooks = {}): Promise<Engine> {
  switch (options.kind) {
    case 'compiled': {
      const { createCompiledEngine } = await import('./compiled.js');
      return createCompiledEngine(options, hooks);
    }
    case 'eager-js':
    case 'eager-wasm':
    case 'tensorflow': {
      const { createEagerEngine } = await import('./eager.js');
      return createEagerEngine({ ...options, kind: options.kind }, hooks.within);
    }
    default:
      throw new EngineError(`there is no engine ${String(options.kind satisfies never)}`);
  }
}
