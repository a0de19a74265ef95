import { z } from 'zod'
import { apiRoot, idPatterns } from '../watch/api/answerRequest.ts'
import { resources } from '../watch/api/index.ts'
import type { Parameter, Parameters } from '../watch/api/parameter.ts'
import { sharesPattern, stepPattern, timePattern } from '../watch/api/parameter.ts'
import type { ProblemCode } from '../watch/api/problem.ts'
import { problems } from '../watch/api/problem.ts'
import type { Answered, Resource } from '../watch/api/resource.ts'
import { apiAnswers, apiEvents, apiProblem } from './apiSchema.ts'

type Json = Readonly<Record<string, unknown>>

/** What goes wrong with any request. */
const always: readonly ProblemCode[] = ['foreign-host', 'foreign-page', 'fault']

/**
 * The OpenAPI 3.1 document of the watcher's API: paths, parameters and bodies from its registry, shapes from the schemas.
 *
 * @param version of Postern; absent in the reference, which is not made anew for each
 */
export function openApiDocument(version = '1'): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const row of resources) {
    const path = paths[row.path] ?? {}
    path[row.method.toLowerCase()] = operationOf(row)
    paths[row.path] = path
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern watch',
      version,
      summary: 'What a watcher knows of a site, and what people tell it.',
      description:
        'Times are ISO 8601 in UTC, durations milliseconds. Served to the machine that watches alone; every GET may be a HEAD.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: apiRoot }],
    paths,
    components: { schemas: componentSchemas() },
  }
}

function operationOf(row: Resource): Json {
  const { method, path, what, query, body, answers } = row
  const place = /\{(\w+)\}/.exec(path)?.[0]
  const parameters = [
    ...(place === '{flow}' || place === '{incident}'
      ? [
          {
            name: place.slice(1, -1),
            in: 'path',
            required: true,
            schema: { type: 'string', pattern: idPatterns[place] },
          },
        ]
      : []),
    ...Object.entries(query).map(([name, parameter]) => ({
      name,
      in: 'query',
      description: parameter.what,
      required: false,
      ...(isList(parameter) && { style: 'form', explode: false }),
      schema: schemaOfParameter(parameter),
    })),
    ...(answers.kind === 'events'
      ? [
          {
            name: 'Last-Event-ID',
            in: 'header',
            description: 'The id of the last event that was seen: what came after it comes first.',
            required: false,
            schema: { type: 'string' },
          },
        ]
      : []),
  ]
  return {
    operationId: operationIdOf(method, path),
    summary: what,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: bodyOf(body) }),
    responses: responsesOf(row),
  }
}

/** `GET /flows/{flow}/samples` is `getFlowsFlowSamples`. */
function operationIdOf(method: string, path: string): string {
  const words = path.split(/[^a-z]+/).filter((word) => word !== '')
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('')
}

function bodyOf(rows: Parameters): Json {
  const members = Object.entries(rows)
  const properties = members.map(([name, row]) => [name, { ...schemaOfParameter(row), description: row.what }])
  return {
    required: true,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          properties: Object.fromEntries(properties),
          required: members.map(([name]) => name),
          additionalProperties: false,
        },
      },
    },
  }
}

function responsesOf({ answers, refuses = [], query, body }: Resource): Json {
  const codes: readonly ProblemCode[] = [
    ...(Object.keys(query).length > 0 ? (['bad-parameter'] as const) : []),
    'unknown-parameter',
    ...(body === undefined ? [] : (['bad-body', 'too-large', 'not-json'] as const)),
    ...refuses,
    'history-fault',
    ...always,
  ]
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of new Set(codes))
    byStatus.set(problems[code].status, [...(byStatus.get(problems[code].status) ?? []), code])
  const refused = [...byStatus]
    .toSorted(([one], [other]) => one - other)
    .map(([status, some]) => [
      String(status),
      {
        description: some.map((code) => `${problems[code].title} (${code}).`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ])
  return {
    '200': { description: 'The answer.', content: contentOf(answers) },
    ...(body === undefined &&
      answers.kind !== 'events' && { '304': { description: 'It is as If-None-Match knows it.' } }),
    ...Object.fromEntries(refused),
  }
}

function contentOf(answers: Answered): Json {
  switch (answers.kind) {
    case 'json':
      return { 'application/json': { schema: { $ref: `#/components/schemas/${answers.schema}` } } }
    case 'markdown':
      return { 'text/markdown': { schema: { type: 'string' } } }
    case 'events':
      return {
        'text/event-stream': {
          schema: {
            type: 'string',
            description: 'Server-sent events (HTML Standard). The data of each is the JSON that x-events names.',
          },
          'x-events': Object.fromEntries(
            Object.entries(apiEvents).map(([name, schema]) => [
              name,
              { $ref: `#/components/schemas/${schema.meta()?.id ?? ''}` },
            ]),
          ),
        },
      }
    default:
      return answers satisfies never
  }
}

function isList({ kind }: Parameter): boolean {
  return kind === 'choices'
}

function schemaOfParameter(row: Parameter): Json {
  switch (row.kind) {
    case 'time':
      return { type: 'string', format: 'date-time', pattern: timePattern }
    case 'step':
      return { type: 'string', pattern: stepPattern, default: row.usual }
    case 'count':
      return { type: 'integer', minimum: row.least, maximum: row.most, default: row.usual }
    case 'choice':
      return { type: 'string', enum: row.words, ...(row.usual !== undefined && { default: row.usual }) }
    case 'choices':
      return { type: 'array', items: { type: 'string', enum: row.words }, minItems: 1 }
    case 'shares':
      return { type: 'string', pattern: sharesPattern, default: row.usual }
    case 'text':
      return { type: 'string', minLength: 1, maxLength: row.most }
    default:
      return row satisfies never
  }
}

/** Every schema that has a name, once; the others stand where they are used. */
function componentSchemas(): Json {
  const whole = z.object({ ...apiAnswers, ...apiEvents, Problem: apiProblem })
  const { $defs = {} } = z.toJSONSchema(whole, {
    // What a reader may be given: members of later versions are not refused.
    io: 'input',
    override: ({ jsonSchema: part }) => {
      delete part.id
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum
    },
  })
  const named = Object.entries($defs).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(named.map(([name, schema]) => [name, moved(schema)]))
}

/** A schema whose references lead to where its names stand in an OpenAPI document. */
function moved(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(moved)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') : moved(value),
    ]),
  )
}
