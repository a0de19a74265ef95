/**
 * What sound servers answer to the questions of the probes, for servers that a test plays: taken from captures of real
 * ones, with the number of the question put in where an answer repeats it.
 */
import { encoded, encodedInteger, tags } from '../src/wire/der.ts'
import { prefixedKerberosMessage } from '../src/wire/kerberosTypes.ts'
import { octetsOf } from './octetsOf.ts'

export type Reply = (request: Buffer) => Buffer

/** Samba 4.17: nobody has the name. */
export const principalUnknown = octetsOf(
  '7e 81 8b 30 81 88 a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183744Z' a5 05 02 03 0b a7 57 a6 03 02 01 06",
  "a7 0e 1b 0c 'CORP.EXAMPLE' a8 1a 30 18 a0 03 02 01 01 a1 11 30 0f 1b 0d 'postern-probe'",
  "a9 0e 1b 0c 'CORP.EXAMPLE' aa 21 30 1f a0 03 02 01 02 a1 18 30 16 1b 06 'krbtgt' 1b 0c 'CORP.EXAMPLE'",
)

/** Samba 4.17: it cannot read the ticket. */
export const ticketUnreadable = octetsOf(
  '00 99 00 01 00 00 7e 81 90 30 81 8d a0 03 02 01 05 a1 03 02 01 1e',
  "a4 11 18 0f '20261121183744Z' a5 05 02 03 0b c7 70 a6 03 02 01 02",
  "a9 0e 1b 0c 'CORP.EXAMPLE' aa 1d 30 1b a0 03 02 01 01 a1 14 30 12 1b 06 'kadmin' 1b 08 'changepw'",
  "ac 33 04 31 00 02 'gensec_update failed - NT_STATUS_LOGON_FAILURE' 0a",
)

const bindAck = octetsOf(
  '05000c03100000003c00000001000000 d016d016 1b4a0000 0600 343931353400 01000000 0000 0000',
  '045d888aeb1cc9119fe808002b104860 02000000',
)
const bind = 0x0b
const numberAt = 12

/** Where ept_map names its interface, and how long that is: UUID and version. */
const interfaceAt = 45
const interfaceLength = 18

/** A DCE/RPC server (Samba 4.17): it lets everybody bind, and serves what ept_map asks for at these ports, one after the other. */
export function rpcServer(...ports: readonly number[]): Reply {
  let next = 0
  return (request) => {
    const answer = request[2] === bind ? Buffer.from(bindAck) : mappedTo(request, ports[next++ % ports.length] ?? 1)
    request.copy(answer, numberAt, numberAt, numberAt + 4)
    return answer
  }
}

function mappedTo(request: Buffer, port: number): Buffer {
  const asked = request.subarray(interfaceAt, interfaceAt + interfaceLength).toString('hex')
  return octetsOf(
    `05000203100000009800000002000000 80000000 0000 00 00 ${'00'.repeat(20)} 01000000 10000000 00000000 01000000`,
    `02000000 4b000000 4b000000 0500 1300 0d ${asked} 0200 0000 1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000`,
    `0100 0b 0200 0000 0100 07 0200 ${port.toString(16).padStart(4, '0')} 0100 09 0400 00000000 00 00000000`,
  )
}

const text = (words: string): Uint8Array => encoded(tags.octetString, Buffer.from(words))

/** The root entry of a domain controller, with the time that it is now, and the end of the search, to the first request. */
export const rootEntry: Reply = () => {
  const time = new Date().toISOString().replaceAll(/[-T:]/g, '').replace(/Z$/, '').slice(0, 14)
  const attributes = Object.entries({
    supportedCapabilities: '1.2.840.113556.1.4.800',
    defaultNamingContext: 'DC=corp,DC=example',
    dnsHostName: 'dc1.corp.example',
    currentTime: `${time}.0Z`,
    isSynchronized: 'TRUE',
    supportedSASLMechanisms: 'GSSAPI',
  }).map(([name, value]) => encoded(tags.sequence, text(name), encoded(tags.set, text(value))))
  const entry = encoded(tags.application(4), text(''), encoded(tags.sequence, ...attributes))
  return Buffer.concat([encoded(tags.sequence, encodedInteger(1), entry), searchEnd(1)])
}

/** To StartTLS: Samba 4.17, which agrees, and OpenLDAP 2.5 without TLS, which does not know it. */
export const startTlsAgreed = octetsOf("3024 020102 781f 0a0100 0400 0400 8a16 '1.3.6.1.4.1.1466.20037'")
export const startTlsUnknown = octetsOf("302a 020102 7825 0a0102 0400 041e 'unsupported extended operation'")

/** Samba 4.17 to a Netlogon ping; the number of the question has three octets and none that is negative. */
export const netlogonAnswer: Reply = (request) => {
  const id = encodedInteger(numberOf(request))
  const value = octetsOf(
    '17000000fd13000093660597c300994780d9e6fc2f1ea7a004636f7270076578616d706c6500c01803646331c018',
    '04434f5250000344433100001744656661756c742d46697273742d536974652d4e616d6500c03a05000000ffffffff',
  )
  const netlogon = encoded(tags.sequence, text('netlogon'), encoded(tags.set, encoded(tags.octetString, value)))
  return Buffer.concat([
    encoded(tags.sequence, id, encoded(tags.application(4), text(''), encoded(tags.sequence, netlogon))),
    searchEnd(numberOf(request)),
  ])
}

/** The end of a search without an entry, under a number. */
export function searchEnd(number: number): Buffer {
  return Buffer.from(encoded(tags.sequence, encodedInteger(number), octetsOf('6507 0a0100 0400 0400')))
}

/** The number of an LDAP request whose length is one octet. */
export function numberOf(request: Buffer): number {
  return request.readUIntBE(4, request[3] ?? 1)
}

const mechanisms = `605e06062b0601050502a0543052a024302206092a864882f71201020206092a864886f712010202060a2b06010401823702020a
  a32a3028a0261b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265`

/** Samba 4.17 to SMB2 NEGOTIATE in all dialects. */
const negotiated = octetsOf(`0000012c fe534d42 4000 0000 00000000 0000 0100 01000000 ${'00'.repeat(44)}
  4100 0300 1103 0300 64633100000000000000000000000000 07000000 00008000 00008000 00008000 c220ef3de779dd01
  0000000000000000 8000 6000 e0000000 ${mechanisms}
  0100 2600 00000000 0100 2000 0100 52e50f1348b1fefef9a9063ad5e2eaa66b8691bf64c81e04814b2493e83ab862 0000
  0200 0400 00000000 0100 0200 00000000 0800 0400 00000000 0100 0200`)

/** Behind framing and header, where SystemTime stands (MS-SMB2 §2.2.4): a capture's own is further behind each day. */
const systemTimeAt = 4 + 64 + 40

function negotiatedNow(): Buffer {
  const reply = Buffer.from(negotiated)
  // Steps of 100 nanoseconds since 1601 (MS-DTYP §2.3.3).
  reply.writeBigUInt64LE(BigInt(Date.now()) * 10_000n + 116_444_736_000_000_000n, systemTimeAt)
  return reply
}

const serviceBus = octetsOf(`'AMQP' 03 01 00 00 0000003f 02 01 0000 00 53 40 c0 32 01 e0 2f 04 b3
  00000007 'MSSBCBS' 00000005 'PLAIN' 00000009 'ANONYMOUS' 00000008 'EXTERNAL'`)

/** SQL Server 2008 SP1. */
const preLogin = octetsOf(
  '04 01 00 2b 00 00 01 00 00 00 1a 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 00',
  '04 00 22 00 01 ff 0a 00 09 e3 00 00 01 00 01',
)

const wantsSignIn = Buffer.from(
  'HTTP/1.1 401 \r\nServer: Microsoft-HTTPAPI/2.0\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n',
)

type ServiceScheme =
  | 'kerberos'
  | 'kpasswd'
  | 'epm'
  | 'ldap'
  | 'ldaps'
  | 'gc'
  | 'gcs'
  | 'smb'
  | 'winrm'
  | 'winrms'
  | 'adws'
  | 'amqps'
  | 'mssql'

/** The answer over TCP, or inside TLS, of a sound server of each scheme to the first question. */
export const replies: Readonly<Record<ServiceScheme, Reply>> = {
  kerberos: () => Buffer.from(prefixedKerberosMessage(principalUnknown)),
  kpasswd: () => Buffer.from(prefixedKerberosMessage(ticketUnreadable)),
  epm: rpcServer(1),
  ldap: rootEntry,
  ldaps: rootEntry,
  gc: rootEntry,
  gcs: rootEntry,
  smb: () => negotiatedNow(),
  winrm: () => wantsSignIn,
  winrms: () => wantsSignIn,
  adws: () => Buffer.from([0x0a]),
  amqps: () => serviceBus,
  mssql: () => preLogin,
}
