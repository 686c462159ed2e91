import { certificateAnswers } from './schemas/certificates.ts';
import { daemonAnswers } from './schemas/daemon.ts';
import { dumpAnswers } from './schemas/dump.ts';
import { nodeAnswers } from './schemas/nodes.ts';
import { revisionAnswers } from './schemas/revisions.ts';
import { safetyAnswers } from './schemas/safety.ts';
import { serviceAnswers } from './schemas/services.ts';

/**
 * The schemas of requests and answers: requests are checked by them, and the OpenAPI document is made of them. Those of
 * answers have the shapes of types.ts, and tests hold real answers against them.
 */
export { dryRunQuery, noQuery, storedFields, time, waitQuery, writeQuery } from './schemas/common.ts';
export { dumpQuery } from './schemas/dump.ts';
export { groupBody, nodesQuery } from './schemas/nodes.ts';
export { revisionsQuery } from './schemas/revisions.ts';
export { quarantineQuery } from './schemas/safety.ts';
export { patchBody, postBody } from './schemas/services.ts';

export const answers = {
  ...certificateAnswers,
  ...serviceAnswers,
  ...revisionAnswers,
  ...dumpAnswers,
  ...nodeAnswers,
  ...safetyAnswers,
  ...daemonAnswers,
};
