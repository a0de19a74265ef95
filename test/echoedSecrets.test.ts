/** Proxies that send back what they were shown, rewritten: it stands in no output of the command. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkFormats } from '../src/cli/render/index.ts'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { ownFolder } from './realProxy.ts'
import { tcpServer } from './tcpServer.ts'

const password = 'S3cr<t&pö"ß4'
const shown = `svc:${password}`
const hex = (text: string): string => Buffer.from(text).toString('hex')
const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** How it is written, by the name of the host that is asked for. */
const writers: Readonly<Record<string, string>> = {
  plain: password,
  html: html(password),
  'html-twice': html(html(password)),
  decimal: [...password].map((each) => `&#${each.codePointAt(0)};`).join(''),
  lower: encodeURIComponent(password).toLowerCase(),
  'every-octet': hex(password).replaceAll(/../g, '%$&'),
  alone: Buffer.from(password).toString('base64'),
  'other-alphabet': Buffer.from(shown).toString('base64url'),
  broken: Buffer.from(shown).toString('base64').replaceAll(/.{6}/g, '$& '),
  hexadecimal: hex(password),
}

/** The texts that would give it away: each echo as it was sent, and what its characters are read as. */
const telltales = [...Object.values(writers), 'S3cr', 'S3CR', hex('S3cr'), 's3cr%3c', '&#83;&#51;&#99;']

const echo = (socket: Socket): void =>
  void socket.once('data', (request: Buffer) => {
    const [, host = ''] = /^\w+ (?:http:\/\/)?([\w-]+)\./.exec(request.toString()) ?? []
    const text = /^proxy-authorization:/im.test(request.toString()) ? (writers[host] ?? '') : ''
    const page = `<html><title>Denied ${text} here</title></html>`
    const fields = [
      'HTTP/1.1 407 No',
      `Server: s ${text}`,
      `Proxy-Authenticate: Basic realm="${text.replaceAll('"', '\\"')}"`,
      `Via: 1.1 ${text}`,
      `Location: http://x/?a=${text}`,
      'Content-Type: text/html',
      `Content-Length: ${Buffer.byteLength(page)}`,
    ]
    socket.end(`${fields.join('\r\n')}\r\n\r\n${page}`)
  })

const names = Object.keys(writers)
const lines = (line: (name: string, at: number) => string): string => names.map(line).join('\n')

const site = (proxies: string): string => `site: hostile
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
${lines((name) => `  ${name}: { roles: [scim-app], name: ${name}.partner.example }`)}
resolvers: { internal: ["127.0.0.1:1"] }
${proxies}
names:
${lines((name) => `  ${name}.partner.example: "127.0.0.1:1"`)}
flows:
${lines((name, at) => `  - { id: to-${name}, from: here, to: ${name}, ports: [${at % 2 === 0 ? 443 : 80}], transport: [tcp], service: ${at % 2 === 0 ? 'https' : 'http'}, direction: outbound-internet }`)}
`

for (const [from, proxies, env] of [
  [
    'a file of the site',
    (port: number) =>
      `proxies: { egress: { url: "http://127.0.0.1:${port}", used-by: [here], credentials: "file:secret" } }`,
    () => ({}),
  ],
  [
    'the environment',
    () => '',
    (port: number) => {
      const url = `http://svc:${encodeURIComponent(password)}@127.0.0.1:${port}`
      return { HTTPS_PROXY: url, HTTP_PROXY: url }
    },
  ],
] as const) {
  test(`what ${from} says to a proxy is in no format, however the proxy rewrites it`, async (t) => {
    const folder = await ownFolder(t)
    await writeFile(join(folder, 'secret'), `${shown}\n`)
    const { port } = await tcpServer(t, echo)
    const flows = names.flatMap((name) => ['--flow', `to-${name}`])
    const run = await runCheckCommand(folder, site(proxies(port)), { env: env(port), args: ['--json', ...flows] })
    const report = reportOf(run)
    const told = names.flatMap((name) => flowNamed(report, `to-${name}`).evidence)
    const exchanges = told.filter((seen) => seen.kind === 'http-exchange')
    const titles = exchanges.filter((seen) => seen.showedCredentials === true).map(({ body }) => body.title)
    // It was shown to every one of them, and what each said beside it is still there where that is safe.
    assert.ok(titles.length >= names.length / 2 && titles.every((title) => title?.includes('*')), titles.join())
    assert.ok(titles.includes('Denied * here'))
    const shownAs = [run]
    for (const format of Object.keys(checkFormats)) {
      shownAs.push(
        await runCheckCommand(folder, site(proxies(port)), {
          env: env(port),
          args: ['--format', format, '--long', ...flows],
        }),
      )
    }
    for (const { stdout, stderr } of shownAs) {
      assert.ok(stdout.length > 100)
      for (const telltale of telltales) {
        assert.ok(!stdout.includes(telltale) && !stderr.includes(telltale), `${telltale} in ${stdout}`)
      }
    }
  })
}
