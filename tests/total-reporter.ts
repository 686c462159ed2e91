import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface Total {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The one line that CI reads, `N passed, N failed`, with `, N skipped` where something was. */
export function totalLine({ passed, failed, skipped }: Total): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** On CI nothing is skipped silently: what was skipped has failed. */
export function onCi({ passed, failed, skipped }: Total): Total {
  return { passed, failed: failed + skipped, skipped: 0 };
}

/**
 * Ends the output of a run with its total. It is written when the process exits, since other reporters and a slow
 * teardown may still have something to say after the run has ended.
 */
export class TotalReporter implements Reporter {
  readonly #ci: boolean;

  constructor(ci = Boolean(process.env.CI)) {
    this.#ci = ci;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = countTests(modules, unhandledErrors.length);
    const total = this.#ci ? onCi(count.total) : count.total;
    process.once('exit', () => {
      if (this.#ci) for (const name of count.skippedNames) process.stdout.write(`skipped, which is a failure on CI: ${name}\n`);
      process.stdout.write(`${totalLine(total)}\n`);
      if (total.failed > 0) process.exitCode = 1;
    });
  }
}

/** Errors outside of tests (a file that does not load, a hook that throws, an unhandled rejection) count as one failure each. */
function countTests(modules: readonly TestModule[], unhandledErrors: number): { total: Total; skippedNames: string[] } {
  const skippedNames: string[] = [];
  let passed = 0;
  let failed = unhandledErrors;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const state = stateOf(test);
      if (state === 'passed') passed++;
      else if (state === 'failed') failed++;
      else skippedNames.push(`${module.relativeModuleId} > ${test.fullName}`);
    }
  }
  return { total: { passed, failed, skipped: skippedNames.length }, skippedNames };
}

/** A test that never got to run, because a hook before it failed, shows as skipped. */
function stateOf(test: TestCase): 'passed' | 'failed' | 'skipped' {
  const { state } = test.result();
  return state === 'passed' || state === 'failed' ? state : 'skipped';
}
