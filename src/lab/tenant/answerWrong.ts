import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answering } from './misbehaviour.ts'

const hugeOctets = 10 * 1024 * 1024 + 1

/** Answers as badly as was asked for. @returns whether it was answered; `false` after a wait: then the answer is as usual */
export async function answerWrong(how: Answering, response: ServerResponse, signal: AbortSignal): Promise<boolean> {
  switch (how.how) {
    case 'slow':
      await pause(how.ms, undefined, { signal })
      return false
    case 'hang':
      return true
    case 'reset':
      response.socket?.destroy()
      return true
    case 'status':
      response.writeHead(how.status, {
        'content-type': 'application/json; charset=utf-8',
        ...(how.retryAfterSec !== undefined && { 'retry-after': String(how.retryAfterSec) }),
      })
      response.end(
        JSON.stringify({
          error: 'temporarily_unavailable',
          error_description: 'AADSTS90033: A transient error has occurred.',
        }),
      )
      return true
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
      response.end(`{"keys":[],"padding":"${'x'.repeat(hugeOctets)}"}`)
      return true
    case 'redirect':
      response.writeHead(302, { location: how.to }).end()
      return true
    case 'not-json':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Sign in to the network</title>')
      return true
    default:
      return how satisfies never
  }
}
