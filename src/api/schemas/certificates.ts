import { z } from 'zod';
import { time } from './common.ts';

const certificateStatus = z.object({
  name: z.string(),
  source: z.enum(['inline', 'files']),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  hosts: z.array(z.string()),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      serial: z.string(),
      fingerprint: z.string().meta({ description: 'SHA-256 of the certificate, hexadecimal.' }),
      notBefore: time,
      notAfter: time,
    })
    .nullable(),
  problem: z.string().optional(),
});

export const certificateAnswers = {
  certificateList: z.object({ certificates: z.array(certificateStatus), revision: z.number() }),
};
