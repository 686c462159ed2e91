import type { Provider } from './provider.ts';

/** In the place of one that is not there any more. */
export class Gone implements Provider {
  readonly name: string;
  readonly source = 'nothing any more';

  constructor(name: string) {
    this.name = name;
  }

  start(sink: Parameters<Provider['start']>[0]): void {
    sink.publish({ objects: [] });
  }

  resync(): void {
    // There is nothing to read.
  }

  async stop(): Promise<void> {
    // Nothing was begun.
  }
}
