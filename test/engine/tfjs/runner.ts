import { createRequire } from 'node:module';

/** How one test ended; `message`: why it failed. */
export interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'pending';
  readonly message: string;
}

interface Jasmine {
  getEnv(): {
    configure(options: object): void;
    addReporter(reporter: { specDone(result: Result): void; jasmineDone(): void }): void;
    execute(): void;
  };
  DEFAULT_TIMEOUT_INTERVAL: number;
}

interface Result {
  readonly id: string;
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

const globals = globalThis as unknown as Record<string, unknown>;
const fileOf = new Map<string, string>();
let current = '';
let jasmine: Jasmine | undefined;

/** Jasmine's own functions, global as the tests expect them; each test notes the file that it comes from. */
export function begin(): void {
  const required = createRequire(__filename)('jasmine-core') as {
    boot(required: unknown): Jasmine;
    interface(jasmine: Jasmine, env: unknown): Record<string, unknown>;
  };
  jasmine = required.boot(required);
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;
  Object.assign(globals, { jasmine }, required.interface(jasmine, jasmine.getEnv()));
  for (const name of ['it', 'fit', 'xit']) {
    const declare = globals[name] as (...rest: unknown[]) => { readonly id: string };
    globals[name] = (...rest: unknown[]) => {
      const spec = declare(...rest);
      fileOf.set(spec.id, current);
      return spec;
    };
  }
}

export function enter(file: string): void {
  current = file;
}

/** Runs everything, in order, and sends the outcomes to the process that started this one. */
export function finish(): void {
  const outcomes: Outcome[] = [];
  const env = jasmine?.getEnv();
  env?.configure({ random: false, stopSpecOnExpectationFailure: true });
  env?.addReporter({
    specDone({ id, fullName, status, failedExpectations }) {
      if (status !== 'passed' && status !== 'failed' && status !== 'pending') return;
      const message = failedExpectations.map((failed) => failed.message).join('\n');
      // Without the name of the backend and its flags, which follow the outermost name.
      outcomes.push({ file: fileOf.get(id) ?? '', name: fullName.replace(/ retable \{\}/, ''), status, message });
    },
    jasmineDone: () => process.send?.(outcomes, () => process.exit(0)),
  });
  env?.execute();
}
