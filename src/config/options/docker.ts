import { z } from 'zod';
import { about } from '../about.ts';
import { flag, ipAddress, path, wholeNumber } from '../fields.ts';

const topic = 'Providers';

/** What the provider of containers is told. */
export const DOCKER_OPTIONS = {
  docker: flag.default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'services come from the labels of containers of this machine, see docs/docker.md',
  }),
  'docker-host': z.string({ error: 'must be a URL' }).min(1, { error: 'is empty' }).optional().register(about, {
    kind: 'text',
    topic,
    placeholder: 'URL',
    description: 'the engine: unix:///PATH (podman has one, too) or tcp://HOST:PORT',
    defaultText: 'DOCKER_HOST, else the socket that is there',
  }),
  'docker-tls-ca': path.optional().register(about, {
    kind: 'file',
    topic,
    placeholder: 'FILE',
    description: 'authorities of the engine at docker-host, PEM: it is spoken to by TLS',
    defaultText: 'ca.pem in DOCKER_CERT_PATH with DOCKER_TLS_VERIFY',
  }),
  'docker-tls-cert': path.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'what the engine knows Envoyage by, PEM' }),
  'docker-tls-key': path.optional().register(about, { kind: 'file', topic, placeholder: 'FILE', description: 'private key of docker-tls-cert, PEM' }),
  'docker-network': z.string({ error: 'must be the name of a network' }).min(1, { error: 'is empty' }).optional().register(about, {
    kind: 'text',
    topic,
    placeholder: 'NAME',
    description: 'the network on which Envoys reach containers that are on several and do not say',
  }),
  'docker-expose-by-default': flag.default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'containers count without envoyage.enable=true',
  }),
  'docker-address': ipAddress.optional().register(about, {
    kind: 'text',
    topic,
    placeholder: 'IP',
    description: 'where Envoys reach ports that containers publish on this machine, for envoyage.address=host',
  }),
  'docker-reconcile-seconds': wholeNumber(1, 86_400, 'seconds').default(60).register(about, {
    kind: 'integer',
    topic,
    placeholder: 'SECONDS',
    description: 'how often what is known is compared with the engine, beside what it tells by itself',
  }),
} as const;
