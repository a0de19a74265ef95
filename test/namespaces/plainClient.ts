/**
 * A client that knows nothing of Postern and says in one word what it met, by which a row shows that its fault is in
 * place. Run inside of the client's namespace: `plainClient.ts TASK…`, one after the other, each of them
 *
 * - `knock:ADDRESS:PORT`, `crowd:ADDRESS:PORT:COUNT`, `hold:ADDRESS:PORT:MS`
 * - `shake:ADDRESS:PORT:NAME`, `issuer:ADDRESS:PORT:NAME`: of whom the certificate is, and by whom
 * - `get:ADDRESS:PORT:/PATH`, `greet:ADDRESS:PORT`: the first line of what comes to a request of HTTP/1.0
 * - `tunnel:ADDRESS:PORT:NAME:PORT`: what a proxy says that is asked for a tunnel
 * - `ask:udp|tcp[:ADDRESS]`, `name:ADDRESS:TYPE:NAME`: what a resolver says
 * - `serials:ADDRESS:ADDRESS:ZONE`: how far the first server's copy of a zone is ahead of the second's
 * - `wants:ADDRESS:PORT:NAME`: whether a server asks for a certificate; `title:ADDRESS:PORT:NAME:/PATH`
 * - `socket:ADDRESS:PORT:NAME`: what meets the wish for a WebSocket
 * - `trip:ADDRESS:PORT`, `wait:ADDRESS:PORT:/PATH`: whether a connection, or a page, takes over 600 ms
 * - `time:ADDRESS`, `datagram:ADDRESS:PORT:OCTETS`, the octets in hexadecimal
 * - `truth:ADDRESS:PORT:ATTRIBUTE`, `catalog:ADDRESS:DOMAIN`: what a directory says of itself, and what its locator does
 * - `mapper:ADDRESS:PORT`, `dialect:ADDRESS:PORT`: whether an endpoint mapper lists, and which SMB answers an old client
 */
import { createSocket } from 'node:dgram'
import { get, request as requestOf } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import dnsPacket from 'dns-packet'
import { nameServer } from './places.ts'
import { askForSocket, fetchTitle, wants } from './plainWeb.ts'

const waitMs = 1200
/** Until a kernel that counts connections has noticed that they are gone, in milliseconds. */
const lingerMs = 300

function knock(host: string, port: number, hold?: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    const timer = setTimeout(() => end('silence'), waitMs)
    const end = (word: string): void => {
      clearTimeout(timer)
      resolve(word)
      void (hold ?? Promise.resolve()).then(() => socket.destroy())
    }
    socket.once('connect', () => end('connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function shake(host: string, port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, servername, rejectUnauthorized: false })
    let stood = false
    const timer = setTimeout(() => end(stood ? 'silence after connecting' : 'silence'), waitMs)
    const end = (word: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(word)
    }
    socket.once('connect', () => {
      stood = true
    })
    socket.once('secureConnect', () => end('handshake'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function issuerOf(host: string, port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, servername, rejectUnauthorized: false, timeout: waitMs })
    const end = (word: string): void => {
      socket.destroy()
      resolve(word)
    }
    socket.once('secureConnect', () => {
      const { subject, issuer } = socket.getPeerCertificate()
      end(`${subject.CN} by ${issuer.CN}`)
    })
    socket.once('timeout', () => end('silence'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** The first line of what comes to a request that any server of text understands, or takes for nonsense. */
function greet(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    const end = (word: string): void => {
      socket.destroy()
      resolve(word)
    }
    socket.setTimeout(waitMs, () => end('silence'))
    socket.once('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
    socket.once('data', (octets: Buffer) => end(octets.toString('latin1').split('\r\n')[0] ?? ''))
    socket.once('end', () => end('ended'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** The status of a proxy's answer to the wish for a tunnel. */
function askForTunnel(host: string, port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = requestOf({ host, port, method: 'CONNECT', path, timeout: waitMs, agent: false })
    const end = (word: string): void => {
      request.destroy()
      resolve(word)
    }
    request.once('connect', ({ statusCode }, socket) => {
      socket.destroy()
      end(String(statusCode))
    })
    request.once('timeout', () => end('silence'))
    request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    request.end()
  })
}

/** What a resolver answers over UDP: the names or addresses, or its word for having none. */
async function lookUp(server: string, type: string, name: string): Promise<string> {
  const question = { type: type === 'SRV' ? 'SRV' : 'A', name } as const
  const flags = dnsPacket.RECURSION_DESIRED
  const asked = dnsPacket.encode({ type: 'query', id: 7, flags, questions: [question], additionals: [] })
  const answer = await exchange(server, nameServer.port, asked)
  if (typeof answer === 'string') return answer
  const { answers, rcode, flag_tc: isCut } = dnsPacket.decode(answer)
  if (isCut) return 'truncated'
  const found = answers.flatMap((one) => (one.type === 'A' ? one.data : one.type === 'SRV' ? one.data.target : []))
  return found.length > 0 ? found.toSorted().join(' ') : rcode
}

/** How far the serial of a zone at the first server is ahead of that at the second. */
async function serialsApart(one: string, other: string, zone: string): Promise<string> {
  const asked = dnsPacket.encode({
    type: 'query',
    id: 7,
    flags: 0,
    questions: [{ type: 'SOA', name: zone }],
    additionals: [],
  })
  const serials = [one, other].map(async (server) => {
    const answer = await exchange(server, nameServer.port, asked)
    const [soa] = typeof answer === 'string' ? [] : dnsPacket.decode(answer).answers
    return soa?.type === 'SOA' ? soa.data.serial : Number.NaN
  })
  const [first = Number.NaN, second = Number.NaN] = await Promise.all(serials)
  return String(first - second)
}

function fetchPage(host: string, port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, timeout: waitMs, agent: false }, (response) => {
      let octets = 0
      response.on('data', (part: Buffer) => {
        octets += part.length
      })
      response.on('end', () => resolve(`${octets} octets`))
      response.on('error', () => resolve('broken off'))
    })
    request.on('timeout', () => {
      resolve('silence')
      request.destroy()
    })
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/** Sends a datagram from a port of its own, and waits for whatever comes back. */
async function sendUdp(host: string, port: number, message: Uint8Array): Promise<string> {
  const met = await exchange(host, port, message)
  return typeof met === 'string' ? met : 'answer'
}

function exchange(host: string, port: number, message: Uint8Array): Promise<string | Buffer> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const timer = setTimeout(() => end('silence'), waitMs)
    const end = (word: string | Buffer): void => {
      clearTimeout(timer)
      socket.close()
      resolve(word)
    }
    socket.once('message', (answer) => end(answer))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    // What its own machine forbids is told to the call alone.
    socket.send(message, port, host, (error: NodeJS.ErrnoException | null) => {
      if (error !== null) end(error.code ?? error.message)
    })
  })
}

/** Sends one message after the other, each when the one before it was answered, and gives the last answer's first part. */
function converse(host: string, port: number, ...messages: readonly Uint8Array[]): Promise<string | Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    const left = [...messages]
    const end = (met: string | Buffer): void => {
      socket.destroy()
      resolve(met)
    }
    const next = (answer: Buffer): void => {
      const message = left.shift()
      if (message === undefined) end(answer)
      else socket.write(message)
    }
    socket.setTimeout(waitMs, () => end('silence'))
    socket.once('connect', () => next(Buffer.alloc(0)))
    socket.on('data', next)
    socket.once('end', () => end('ended'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** An element of BER of less than 128 octets. */
const ber = (tag: number, ...parts: readonly (string | readonly number[] | Buffer)[]): Buffer => {
  const contents = Buffer.concat(parts.map((part) => Buffer.from(part)))
  return Buffer.concat([Buffer.from([tag, contents.length]), contents])
}

/** A search at the root for one attribute (RFC 4511 §4.5.1). */
const searchRoot = (filter: Buffer, attribute: string): Buffer =>
  ber(
    0x30,
    [2, 1, 1],
    ber(0x63, ber(4), [0x0a, 1, 0, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0], filter, ber(0x30, ber(4, attribute))),
  )

/** `TRUE` or `FALSE`, as the root of a directory has it in an attribute. */
async function truthOf(host: string, port: number, attribute: string): Promise<string> {
  const answer = await converse(host, port, searchRoot(ber(0x87, 'objectClass'), attribute))
  if (typeof answer === 'string') return answer
  return new RegExp(`${attribute}[^]{1,16}?(TRUE|FALSE)`).exec(answer.toString('latin1'))?.[1] ?? 'neither'
}

/** Whether the locator of a domain controller calls it a global catalog (MS-ADTS §6.3.3, and flags in 6.3.1.2). */
async function catalogFlag(host: string, domain: string): Promise<string> {
  const is = (attribute: string, value: string | readonly number[]): Buffer =>
    ber(0xa3, ber(4, attribute), ber(4, value))
  const filter = ber(0xa0, is('DnsDomain', domain), is('NtVer', [6, 0, 0, 0]))
  const answer = await exchange(host, 389, searchRoot(filter, 'Netlogon'))
  if (typeof answer === 'string') return answer
  // LOGON_SAM_LOGON_RESPONSE_EX, an unused word, flags.
  const at = answer.indexOf(Buffer.from([0x17, 0, 0, 0]))
  if (at < 0) return 'no word of it'
  return (answer.readUInt32LE(at + 4) & 0x4) === 0 ? 'no catalog' : 'catalog'
}

/** A bind of the endpoint mapper, and ept_lookup for whatever comes first (C706 §12.6.4.3 and app. O). */
const mapperCalls = [
  '05000b03100000004800000001000000b810b810000000000100000000000100' +
    '0883afe11f5dc91191a408002b14a0fa03000000045d888aeb1cc9119fe808002b10486002000000',
  `050000031000000040000000020000002800000000000200${'0'.repeat(24)}01000000${'0'.repeat(40)}01000000`,
].map((octets) => Buffer.from(octets, 'hex'))

/** What an endpoint mapper does with who asks it for a list. */
async function askMapper(host: string, port: number): Promise<string> {
  const answer = await converse(host, port, ...mapperCalls)
  if (typeof answer === 'string') return answer
  return answer[2] === 3 ? `fault ${answer.readUInt32LE(24)}` : 'list'
}

/** The SMB that answers a client of old, which knows `NT LM 0.12` alone (MS-CIFS §2.2.4.52). */
async function dialectOf(host: string, port: number): Promise<string> {
  const dialect = '\x02NT LM 0.12\0'
  const negotiate = Buffer.concat([
    Buffer.from([0xff, ...Buffer.from('SMBr'), 0, 0, 0, 0, 0x18, 0x01, 0x28]),
    Buffer.alloc(20),
    Buffer.from([0, dialect.length, 0]),
    Buffer.from(dialect, 'latin1'),
  ])
  const answer = await converse(host, port, Buffer.concat([Buffer.from([0, 0, 0, negotiate.length]), negotiate]))
  if (typeof answer === 'string') return answer
  return answer[4] === 0xff && answer.readUInt16LE(37) !== 0xffff ? 'SMB 1' : 'none'
}

const nsOfRoot = dnsPacket.encode({
  type: 'query',
  id: 7,
  flags: 0,
  questions: [{ type: 'NS', name: '.' }],
  additionals: [],
})

/** Version 4, client (RFC 5905 §7.3). */
const ntpRequest = Buffer.alloc(48)
ntpRequest[0] = 0x23

/** A connection that is held without a word for so many milliseconds, and left then. */
function hold(host: string, port: number, heldMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    let left = false
    const end = (word: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(word)
    }
    const timer = setTimeout(() => end('silence'), heldMs + waitMs)
    socket.resume()
    socket.once('connect', () =>
      setTimeout(() => {
        left = true
        socket.end()
      }, heldMs),
    )
    socket.once('end', () => end(left ? 'left' : 'left by itself'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** So many connections at once, all held until the last has come out. */
async function crowd(host: string, port: number, count: number): Promise<string> {
  let release = (): void => {}
  const hold = new Promise<void>((resolve) => {
    release = resolve
  })
  const words = await Promise.all(Array.from({ length: count }, () => knock(host, port, hold)))
  release()
  await sleep(lingerMs)
  return `${words.filter((word) => word === 'connected').length} of ${count} connected`
}

/** How long something takes, as far as a row can tell on a busy machine. */
async function over600(act: () => Promise<string>): Promise<string> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt > 600 ? 'over 600 ms' : 'under 600 ms'
}

function doTask(task: string): Promise<string> {
  const [verb, host = '', port = '', rest = '', more = ''] = task.split(':')
  switch (verb) {
    case 'knock':
      return knock(host, Number(port))
    case 'shake':
      return shake(host, Number(port), rest)
    case 'get':
      return fetchPage(host, Number(port), rest)
    case 'trip':
      return over600(() => knock(host, Number(port)))
    case 'wait':
      return over600(() => fetchPage(host, Number(port), rest))
    case 'crowd':
      return crowd(host, Number(port), Number(rest))
    case 'hold':
      return hold(host, Number(port), Number(rest))
    case 'ask':
      return host === 'udp'
        ? sendUdp(port || nameServer.address, nameServer.port, nsOfRoot)
        : knock(port || nameServer.address, nameServer.port)
    case 'name':
      return lookUp(host, port, rest)
    case 'serials':
      return serialsApart(host, port, rest)
    case 'datagram':
      return sendUdp(host, Number(port), Buffer.from(rest, 'hex'))
    case 'issuer':
      return issuerOf(host, Number(port), rest)
    case 'greet':
      return greet(host, Number(port))
    case 'tunnel':
      return askForTunnel(host, Number(port), `${rest}:${more}`)
    case 'wants':
      return wants(host, Number(port), rest)
    case 'title':
      return fetchTitle(host, Number(port), rest, more)
    case 'socket':
      return askForSocket(host, Number(port), rest)
    case 'truth':
      return truthOf(host, Number(port), rest)
    case 'catalog':
      return catalogFlag(host, port)
    case 'mapper':
      return askMapper(host, Number(port))
    case 'dialect':
      return dialectOf(host, Number(port))
    case 'time':
      return sendUdp(host, 123, ntpRequest)
    default:
      throw new RangeError(`no task ${task}`)
  }
}

const words: string[] = []
for (const task of process.argv.slice(2)) words.push(await doTask(task))
process.stdout.write(words.join(', '))
