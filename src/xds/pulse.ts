/**
 * One timer for all that has to be renewed, however many follow it; it runs while someone does.
 * Who follows is told three times within the time to live, so that one beat may be lost.
 */
export class Pulse {
  readonly #ttlMs: number;
  readonly #followers = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** @param seconds the time to live */
  constructor(seconds: number) {
    this.#ttlMs = seconds * 1000;
  }

  /** Returns the way to stop it. */
  follow(beat: () => void): () => void {
    this.#followers.add(beat);
    this.#timer ??= setInterval(() => {
      for (const follower of this.#followers) follower();
    }, this.#ttlMs / 3);
    return () => {
      this.#followers.delete(beat);
      if (this.#followers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
