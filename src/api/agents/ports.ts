import type { z } from 'zod';
import type { AgentAnswer, AgentStatus } from '../../model/agent-status.ts';
import type { agentBody, leaseBody } from './schemas.ts';

export type AgentReport = z.output<typeof agentBody>;
export type AgentRenewal = z.output<typeof leaseBody>;

/** The hosts that have an agent. */
export interface AgentsPort {
  /** By name. */
  list(): AgentStatus[];
  /** @param peer where it was sent from @throws EnvoyageError agent-conflict, agent-refused, store-failed */
  put(name: string, report: AgentReport, peer: string): AgentAnswer;
  /** @throws EnvoyageError agent-conflict */
  renew(name: string, renewal: AgentRenewal, peer: string): AgentAnswer;
  /** @param speaker where it is the agent itself @throws EnvoyageError agent-not-found, agent-conflict */
  leave(name: string, speaker: { readonly instance: string; readonly run: number } | undefined): void;
  /** Since the start. */
  readonly counts: { readonly reports: number; readonly renewals: number; readonly ended: number; readonly refused: number };
}
