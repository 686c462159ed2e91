/** Those who had a provider read everything anew, and wait until that is in force. */
export class Resyncs {
  #waiting: { readonly after: number; readonly done: PromiseWithResolvers<boolean> }[] = [];

  /**
   * @param published how often it has published by now
   * @returns true when it has once more, and that is in force; false where that comes to nothing
   */
  wait(published: number): Promise<boolean> {
    const done = Promise.withResolvers<boolean>();
    this.#waiting.push({ after: published, done });
    return done.promise;
  }

  /** What it has published so often is in force. */
  done(published: number): void {
    for (const { after, done } of this.#waiting) if (after < published) done.resolve(true);
    this.#waiting = this.#waiting.filter(({ after }) => after >= published);
  }

  /** Its source cannot be read, or it stops. */
  fail(): void {
    for (const { done } of this.#waiting.splice(0)) done.resolve(false);
  }
}
