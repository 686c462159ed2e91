import type { AnswerObserver } from './answers.ts';
import type { Answer, FrameCache } from './frame.ts';
import type { Resource } from './resource.ts';
import type { Store } from './store.ts';
import type { TypeUrl } from './types.ts';

/** Told all names that a subscription asks for, before it takes them from the store; `subscription` is a key, no more. */
export type Asked = (type: TypeUrl, subscription: object, names: Iterable<string>) => void;

/** What a stream is connected to: the content of its node's group, and someone who is told what becomes of it. */
export interface Attachment {
  readonly store: Store;
  readonly frames: FrameCache;
  readonly observer: StreamObserver;
  /**
   * State of the world: what a client holds that comes with this version from another store, so that none of it is taken
   * away before what refers to it. Asked once for each type.
   */
  heldBefore?(type: TypeUrl, version: string): ReadonlyMap<string, Resource> | undefined;
  /** Present where content is made as it is asked for. */
  readonly asked?: Asked;
  /** The version in the first request of a type does not say what the client holds. */
  readonly forgetful?: boolean;
}

export interface StreamObserver extends AnswerObserver {
  /** The first request of a type has come. */
  asked(type: TypeUrl): void;
  /** @param bytes the length of its encoded form */
  sent(answer: Answer, bytes: number): void;
  /** A heartbeat, which is no answer. */
  beat?(type: TypeUrl): void;
  /** A request of the client that could be read. */
  received?(type: TypeUrl, bytes: number): void;
  /** The transport wants no more, or takes more again. */
  blocked?(blocked: boolean): void;
  /** The stream fell behind the log, and is about to end. */
  overrun?(): void;
  /** Everything up to publication `seq` has been sent and answered, but for removals that a refusal holds back. */
  settled(seq: number): void;
  closed(): void;
}
