import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { certificateFacts } from '../../src/net/certificateFacts.ts'
import { createNet } from '../../src/net/createNet.ts'

/** A certificate that says where its state is asked, and its issuer, made once by openssl: nobody has their keys. */
const chain = [
  `-----BEGIN CERTIFICATE-----
MIICBzCCAa6gAwIBAgICEAMwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHQ29ycCBD
QTAeFw0yNjExMjEyMzIyMTlaFw0yNjEyMjEyMzIyMTlaMBwxGjAYBgNVBAMMEWRj
MDEuY29ycC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcy6XzIDk
peEERYwhmOoqiRfYGZ2tcXhbNo0HK1gxZKqm28nxR563oU9ErH/S98FKMhB0bgBn
4aoGJpSMF7HG1qOB6TCB5jAJBgNVHRMEAjAAMDEGA1UdHwQqMCgwJqAkoCKGIGh0
dHA6Ly9wa2kuY29ycC5leGFtcGxlL2NvcnAuY3JsMGYGCCsGAQUFBwEBBFowWDAo
BggrBgEFBQcwAYYcaHR0cDovL3BraS5jb3JwLmV4YW1wbGUvb2NzcDAsBggrBgEF
BQcwAoYgaHR0cDovL3BraS5jb3JwLmV4YW1wbGUvY29ycC5jcnQwHQYDVR0OBBYE
FJEYdBsdVGTE0zJMoS7Z6YDo/QTrMB8GA1UdIwQYMBaAFEQpQxfAS4+EtkN38YmA
ncwjk30uMAoGCCqGSM49BAMCA0cAMEQCIDff52zpMhQWPy6e/PhRtLxajYFLEOps
6xsTPBlJn/C5AiARX/Q93ecQHqkeLhOLAPE/Yui16ZBnnd8u1y2m/aRffQ==
-----END CERTIFICATE-----`,
  `-----BEGIN CERTIFICATE-----
MIIBaTCCAQ6gAwIBAgIUMvtECwwkhCXuz0ZGs22RxH5NE0YwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHQ29ycCBDQTAeFw0yNjExMjEyMzE0MDNaFw0yNzAxMjAyMzE0
MDNaMBIxEDAOBgNVBAMMB0NvcnAgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAS3fkF8aQNeOT4AWeN4rbIBH763q/ZDWBQhz+xXaK3tm9ApjVxG5Ltb6UUuFTdK
jk2E9J9gGmcdwwdzJTbLZY5fo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB
/wQEAwIBhjAdBgNVHQ4EFgQURClDF8BLj4S2Q3fxiYCdzCOTfS4wCgYIKoZIzj0E
AwIDSQAwRgIhAJoG354H3m4m0Jct8UVbsNPow29nvARDwVD335wmCBq7AiEA858H
okXVUHmR+HuF1xoQ++KhLcGHPxdlKAikm1QVPLQ=
-----END CERTIFICATE-----`,
].map((pem) => new X509Certificate(pem))

/** How the state of that certificate is asked for: the requests, in the order of their octets. */
export async function sentForRevocation(): Promise<readonly Uint8Array[]> {
  const heard: Uint8Array[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (octets) => {
      heard.push(Uint8Array.from(Buffer.from(octets)))
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const net = createNet({
    trust: { site: [], machine: [], node: [] },
    userAgent: 'postern',
    names: { 'pki.corp.example': `127.0.0.1:${(server.address() as AddressInfo).port}` },
  })
  const facts = chain.map((certificate) => ({ ...certificateFacts(certificate), from: 'handshake' as const }))
  const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }
  await net.revocation({ chain: facts, certificates: chain, anchoredIn: ['site'] }, limits)
  server.close()
  await once(server, 'close')
  return heard.toSorted(Buffer.compare)
}
