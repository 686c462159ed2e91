/** What was opened, to be closed in reverse order. */
export class Closers {
  readonly #steps: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  #done: Promise<void> | undefined;

  add(name: string, close: () => void | Promise<void>): void {
    this.#steps.push({ name, close });
  }

  /** The names in the order in which they will be closed. */
  get order(): string[] {
    return this.#steps.map(({ name }) => name).toReversed();
  }

  /** Closes everything once, the last opened first; one that fails does not keep the others open. */
  close(onError: (name: string, thrown: unknown) => void): Promise<void> {
    this.#done ??= this.#run(onError);
    return this.#done;
  }

  async #run(onError: (name: string, thrown: unknown) => void): Promise<void> {
    for (const { name, close } of this.#steps.toReversed()) {
      try {
        await close();
      } catch (thrown) {
        onError(name, thrown);
      }
    }
  }
}
