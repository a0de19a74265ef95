import type { ListenedRequest } from '../net/listened.ts'

/** Octets of a form that is sent to the gate itself. */
export const mostBodyOctets = 16_384

/**
 * Reads the body of a request to the gate itself, as UTF-8. It is read once.
 *
 * @returns an empty text for a body that is too large, breaks off or takes longer than the listener lets it: no form
 */
export async function readSmallBody(request: ListenedRequest): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let octets = 0
  try {
    for await (const part of request) {
      const chunk: unknown = part
      if (!(chunk instanceof Uint8Array)) return ''
      octets += chunk.length
      if (octets > mostBodyOctets) return ''
      text += decoder.decode(chunk, { stream: true })
    }
  } catch {
    return ''
  }
  return text + decoder.decode()
}
