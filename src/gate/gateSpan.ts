import type { Asked, HeaderFields, OwnAnswer } from './exchange.ts'

/** A request as a tracing system is told of it: one span (OpenTelemetry), from its head to the end of its answer. */
export interface GateSpan {
  /** 32 hexadecimal digits, the same as in the record and in the answer. */
  readonly traceId: string
  /** 16 hexadecimal digits: the parent of what the backend tells. */
  readonly spanId: string
  /** Of a listed proxy before the gate. */
  readonly parentSpanId?: string
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  readonly method: string
  readonly host: string
  /** Without its query. */
  readonly path: string
  readonly clientAddress: string
  readonly status: number
  /** Id of the route that decided. */
  readonly route?: string
  readonly backend?: string
  readonly outcome: OwnAnswer['outcome']
  readonly reason: string
}

/** Takes spans, and never keeps a request waiting. */
export interface SpanSink {
  take(span: GateSpan): void
}

/** The span of a request that has ended. */
export function gateSpan(
  asked: Asked,
  ended: Pick<GateSpan, 'spanId' | 'endMs' | 'status' | 'route' | 'backend' | 'outcome' | 'reason'>,
): GateSpan {
  const { traceId, parentSpan, method, host, target, address, at } = asked
  return {
    traceId,
    ...(parentSpan !== undefined && { parentSpanId: parentSpan }),
    startMs: at,
    method,
    host,
    path: target.path,
    clientAddress: address,
    ...ended,
  }
}

/** What a proxy before the gate says of the trace that a request is part of (W3C Trace Context §3.2). */
export function toldTrace(
  headers: HeaderFields,
): { readonly traceId: string; readonly parentSpan: string } | undefined {
  const values = headers.flatMap(([name, value]) => (name === 'traceparent' ? [value] : []))
  const [, version, traceId = '', parentSpan = '', rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(values[0] ?? '') ?? []
  const isRead =
    values.length === 1 && version !== undefined && version !== 'ff' && (version !== '00' || rest === undefined)
  return isRead && !/^0+$/.test(traceId) && !/^0+$/.test(parentSpan) ? { traceId, parentSpan } : undefined
}

const attribute = (key: string, text: string | undefined) =>
  text === undefined ? [] : [{ key, value: { stringValue: text } }]

/**
 * Spans as a collector takes them: an ExportTraceServiceRequest in JSON (OTLP 1.3), with attributes by the semantic
 * conventions for HTTP servers. https://opentelemetry.io/docs/specs/otlp/
 *
 * @param version of Postern
 */
export function formatSpans(spans: readonly GateSpan[], version: string): string {
  const resource = {
    attributes: [...attribute('service.name', 'postern-gate'), ...attribute('service.version', version)],
  }
  const scope = { name: 'postern', version }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: spans.map(spanOf) }] }] })
}

function spanOf(span: GateSpan): object {
  const { traceId, spanId, parentSpanId, startMs, endMs, method, status, route, outcome } = span
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: route === undefined ? method : `${method} ${route}`,
    // SPAN_KIND_SERVER
    kind: 2,
    startTimeUnixNano: nanosOf(startMs),
    endTimeUnixNano: nanosOf(Math.max(startMs, endMs)),
    attributes: [
      ...attribute('http.request.method', method),
      ...attribute('url.scheme', 'https'),
      ...attribute('url.path', span.path),
      ...attribute('server.address', span.host),
      ...attribute('client.address', span.clientAddress),
      { key: 'http.response.status_code', value: { intValue: String(status) } },
      ...attribute('postern.route', route),
      ...attribute('postern.backend', span.backend),
      ...attribute('postern.outcome', outcome),
      ...attribute('postern.reason', span.reason),
    ],
    // A denial is what a gate is for: only what failed is an error.
    status: outcome === 'failed' ? { code: 2 } : {},
  }
}

/** 64-bit numbers are texts in OTLP's JSON. */
function nanosOf(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n)
}
