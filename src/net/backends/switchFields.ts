import type { IncomingHttpHeaders } from 'node:http'
import { answerFields } from './answerFields.ts'
import type { Fields } from './plan.ts'

/**
 * The fields of an answer that switches to WebSocket, as they may be handed on; undefined where it is not the answer to this
 * client's handshake (RFC 6455 §4.1): what does not prove that it read it may be a cache, or another protocol.
 *
 * @param accept what the client's key must be answered with
 */
export function switchFields(fields: Fields, asked: IncomingHttpHeaders, accept: string): Fields | undefined {
  const valuesOf = (name: string): readonly string[] =>
    fields.flatMap(([each, value]) => (each === name ? [value] : []))
  const [upgrade, another] = valuesOf('upgrade')
  const protocols = valuesOf('sec-websocket-protocol')
  const offered = listed([asked['sec-websocket-protocol'] ?? ''])
  const extensions = listed([asked['sec-websocket-extensions'] ?? '']).map(nameOf)
  const accepts = valuesOf('sec-websocket-accept')
  const isOurs =
    upgrade?.toLowerCase() === 'websocket' &&
    another === undefined &&
    listed(valuesOf('connection')).some((each) => each.toLowerCase() === 'upgrade') &&
    accepts.length === 1 &&
    accepts[0] === accept &&
    protocols.length <= 1 &&
    protocols.every((each) => offered.includes(each)) &&
    listed(valuesOf('sec-websocket-extensions')).every((each) => extensions.includes(nameOf(each))) &&
    valuesOf('content-length').length + valuesOf('transfer-encoding').length === 0
  return isOurs ? answerFields(101, fields.flat()) : undefined
}

function listed(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(',')).flatMap((each) => each.trim() || [])
}

function nameOf(extension: string): string {
  return (extension.split(';', 1)[0] ?? '').trim().toLowerCase()
}
