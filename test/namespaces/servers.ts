/**
 * The servers of the small routed network, as one process inside its namespace: HTTPS and HTTP of two hosts, a port that
 * hears everything and says nothing, one that hangs, a name server, and the console of a firewall. `servers.ts FOLDER` says `ready` in a line once all of them listen, and ends with its input.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import dnsPacket from 'dns-packet'
import { app, certificateFiles, console, nameServer, pageOctets, portal, ports } from './places.ts'

const folder = process.argv[2] ?? '.'

const answers: RequestListener = (request, response) => {
  const octets = request.url === '/large' ? pageOctets.large : pageOctets.small
  response.setHeader('content-type', 'text/html')
  response.end('x'.repeat(octets))
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port, backlog: 128 })
  await once(server, 'listening')
}

const signIn: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<!doctype html><title>FortiGate Login</title><p>FortiGate Login')
}

/** As a server that has to ask others first: in milliseconds. */
const slowMs = 700

function https(file: string, listener = answers): Server {
  const key = readFileSync(join(folder, `${file}.key`))
  const cert = readFileSync(join(folder, `${file}.pem`))
  return createHttpsServer({ key, cert }, listener)
}

/** AA (RFC 1035 §4.1.1). */
const authoritative = 0x0400

/** What is no question has no answer. */
function answerTo(message: Buffer): Buffer | undefined {
  const asked = questionIn(message)
  if (asked === undefined) return undefined
  const [question] = asked.questions
  if (question === undefined) return undefined
  const isRoot = question.name === '.' || question.name === ''
  return dnsPacket.encode({
    type: 'response',
    id: asked.id,
    flags: authoritative,
    questions: [question],
    answers: isRoot && question.type === 'NS' ? [{ type: 'NS', name: '.', ttl: 60, data: 'ns.corp.example' }] : [],
    authorities: [],
    additionals: [],
  })
}

function questionIn(message: Buffer): ReturnType<typeof dnsPacket.decode> | undefined {
  try {
    return dnsPacket.decode(message)
  } catch {
    return undefined
  }
}

async function openNameServer(): Promise<void> {
  const { address, port } = nameServer
  const udp = createSocket('udp4')
  udp.on('message', (message, { address: from, port: at }) => {
    const answer = answerTo(message)
    if (answer !== undefined) udp.send(answer, at, from)
  })
  udp.bind(port, address)
  const tcp = createServer((socket) => {
    socket.on('error', () => {})
    let seen = Buffer.alloc(0)
    socket.on('data', (part: Buffer) => {
      seen = Buffer.concat([seen, part])
      const length = seen.length < 2 ? Number.POSITIVE_INFINITY : seen.readUInt16BE(0)
      if (seen.length < length + 2) return
      const answer = answerTo(seen.subarray(2, length + 2))
      if (answer === undefined) return
      const size = Buffer.alloc(2)
      size.writeUInt16BE(answer.length)
      socket.end(Buffer.concat([size, answer]))
    })
  })
  await Promise.all([once(udp, 'listening'), listening(tcp, address, port)])
}

const ignore = (socket: Socket): void => {
  socket.on('error', () => {})
}

const places = [
  { host: app.address, file: certificateFiles.app },
  { host: portal.address, file: certificateFiles.portal },
]
await Promise.all([
  ...places.flatMap(({ host, file }) => [
    ...[ports.https, ports.alternate, ports.third].map((port) => listening(https(file), host, port)),
    listening(createHttpServer(answers), host, ports.http),
    listening(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.resume()
      }),
      host,
      ports.tcp,
    ),
    listening(
      createHttpServer((request, response) => setTimeout(() => answers(request, response), slowMs)),
      host,
      ports.slow,
    ),
    // What comes stays with the kernel, which acknowledges it; the goodbye of a client is not returned.
    listening(createServer({ allowHalfOpen: true, pauseOnConnect: true }, ignore), host, ports.hung),
  ]),
  openNameServer(),
  listening(https(certificateFiles.console, signIn), console.address, ports.https),
  listening(createHttpServer(signIn), console.address, ports.http),
  listening(
    createServer((socket) => {
      socket.on('error', () => {})
      // A shell speaks first, and leaves who speaks no SSH.
      socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n')
      socket.once('data', () => socket.end('Invalid SSH identification string.\r\n'))
    }),
    console.address,
    ports.shell,
  ),
])
process.stdin.on('end', () => process.exit())
process.stdin.resume()
process.stdout.write('ready\n')
