import type { RequestListener } from 'node:http'

/** The same answers, whose Date field (RFC 9110 §6.6.1) tells the time of a clock; without one Node's own tells it. */
export function dated(answers: RequestListener, clock?: () => number): RequestListener {
  if (clock === undefined) return answers
  return (request, response) => {
    response.setHeader('date', new Date(clock()).toUTCString())
    answers(request, response)
  }
}
