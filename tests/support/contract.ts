import { type Schema, violations } from './json-schema.ts';

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Schema }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly [key: string]: unknown;
}

export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** The OpenAPI document as a promise: each answer is held against what it says of the operation. */
export class Contract {
  readonly document: OpenApi;

  constructor(document: OpenApi) {
    this.document = document;
  }

  /** What `#/a/b` leads to. @throws Error where it leads nowhere */
  resolve = (ref: string): Schema => {
    let at: unknown = this.document;
    for (const part of ref.replace(/^#\//, '').split('/')) at = (at as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (!ref.startsWith('#/') || at === undefined) throw new Error(`${ref} leads nowhere`);
    return at as Schema;
  };

  operation(method: string, path: string): Operation | undefined {
    const given = path.split('?')[0]?.split('/') ?? [];
    const template = Object.keys(this.document.paths).find((each) => {
      const wanted = each.split('/');
      return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
    });
    return template === undefined ? undefined : this.document.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
  }

  /** @throws Error that says where the answer breaks the promise */
  check(method: string, path: string, answer: Answered): void {
    const faults = this.#faults(method, path, answer);
    if (faults.length > 0)
      throw new Error(`${method} ${path.slice(0, 200)} → ${answer.status} is not as /openapi.json says: ${faults.join('; ')}\n${answer.text.slice(0, 2000)}`);
  }

  #faults(method: string, path: string, { status, contentType, text }: Answered): string[] {
    const type = contentType.split(';')[0] ?? '';
    const isProblem = type === 'application/problem+json';
    const operation = this.operation(method, path);
    if (status >= 400 && !isProblem && !(operation !== undefined && String(status) in operation.responses)) return [`an error of type ${type}`];
    if (isProblem && method !== 'HEAD') return [...this.#problemFaults(status, text), ...this.#undeclared(operation, status)];
    if (operation === undefined) return isProblem ? [] : ['there is no such operation'];
    const response = operation.responses[status];
    if (response === undefined) return isProblem ? [] : [`it knows the statuses ${Object.keys(operation.responses).join(', ')}`];
    if (response.content === undefined) return text === '' ? [] : ['it promises no content'];
    const media = response.content[type];
    if (media === undefined) return [`it promises ${Object.keys(response.content).join(', ')}, not ${type}`];
    if (method === 'HEAD') return text === '' ? [] : ['HEAD has no content'];
    return violations(media.schema, type.endsWith('json') ? (JSON.parse(text) as unknown) : text, this.resolve);
  }

  #problemFaults(status: number, text: string): string[] {
    const problem = JSON.parse(text) as { status: number; type: string; code: string };
    const schema = this.resolve('#/components/schemas/Problem');
    const faults = violations(schema, problem, this.resolve);
    if (problem.status !== status) faults.push(`its status says ${problem.status}`);
    if (problem.type !== `urn:envoyage:problem:${problem.code}`) faults.push(`its type is ${problem.type}`);
    return faults;
  }

  /** 405 is for what is no operation, 500 for what nobody foresaw. */
  #undeclared(operation: Operation | undefined, status: number): string[] {
    if (operation === undefined || status === 405 || status === 500) return [];
    return String(status) in operation.responses ? [] : [`a problem ${status} that it does not name`];
  }
}
