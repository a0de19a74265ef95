/** What a plain client does under TLS and HTTP to show who stands there: see `plainClient.ts`. */

import { request as requestInClear } from 'node:http'
import { request } from 'node:https'
import { wantsCertificate } from '../../src/lab/wantsCertificate.ts'

const waitMs = 1200

/** Whether a server wants to see a certificate of its client: `asked` or `not asked`. */
export function wants(address: string, port: number, servername: string): Promise<string> {
  return wantsCertificate({ signal: new AbortController().signal }, { address, port }, servername)
}

/** The status of the answer to a GET under TLS, and the title of the page that comes with it. */
export function fetchTitle(host: string, port: number, servername: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const wish = {
      host,
      port,
      servername,
      path,
      headers: { host: servername },
      rejectUnauthorized: false,
      agent: false,
    }
    const asked = request({ ...wish, timeout: waitMs }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => {
        text += part.toString()
      })
      response.on('end', () => {
        const title = /<title>([^<]*)/.exec(text)?.[1] ?? /entityID="([^"]*)"/.exec(text)?.[1]
        resolve(`${response.statusCode}${title === undefined ? '' : ` ${title}`}`)
      })
      response.on('error', () => resolve('broken off'))
    })
    asked.on('timeout', () => {
      resolve('silence')
      asked.destroy()
    })
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asked.end()
  })
}

/** The status that meets the opening handshake of a WebSocket (RFC 6455 §4.1), under TLS at 443 and in clear elsewhere. */
export function askForSocket(host: string, port: number, name: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = {
      host: name,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': Buffer.from('a plain client, 1').subarray(0, 16).toString('base64'),
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'amqp',
    }
    const wish = { host, port, path: '/$servicebus/websocket', headers, timeout: waitMs, agent: false as const }
    const asked =
      port === 443 ? request({ ...wish, servername: name, rejectUnauthorized: false }) : requestInClear(wish)
    const end = (word: string): void => {
      asked.destroy()
      resolve(word)
    }
    asked.once('response', ({ statusCode }) => end(String(statusCode)))
    asked.once('upgrade', ({ statusCode }, socket) => {
      socket.destroy()
      end(String(statusCode))
    })
    asked.once('timeout', () => end('silence'))
    asked.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    asked.end()
  })
}
