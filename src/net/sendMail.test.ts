import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { handlesLeft } from '../../test/openHandles.ts'
import { makeCertificate } from '../../test/pki.ts'
import type { SmtpOptions } from '../../test/standIns/smtpServer.ts'
import { openSmtpServer } from '../../test/standIns/smtpServer.ts'
import type { MailMessage, MailSent, MailServer } from './sendMail.ts'
import { sendMail } from './sendMail.ts'

const host = 'mail.corp.example'
const poison = 'Hunter2-4711'
const root = await makeCertificate({ subject: 'CN=Test Root', ca: true })
const names = [{ type: 'dns', value: host }] as const
const leaf = await makeCertificate({ subject: `CN=${host}`, issuer: root, servesTls: true, names })
const certificate = { cert: leaf.pem, key: leaf.keyPem }
const account = { user: 'postern', password: poison }

const message: MailMessage = {
  from: 'postern@corp.example',
  to: ['a@corp.example', 'b@corp.example'],
  subject: 'dc01: Grüße',
  text: 'What: ünlike\n.a line with a dot\n',
  html: '<p>What</p>\n',
  messageId: '<postern.2@corp.example>',
  inReplyTo: '<postern.1@corp.example>',
  references: ['<postern.1@corp.example>'],
  isUrgent: true,
  fields: { 'X-Postern-Incident': '1' },
  date: new Date(1_700_000_000_000),
}

interface Sending {
  readonly server?: Partial<MailServer>
  readonly trusts?: boolean
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

async function send(t: TestContext, options: SmtpOptions, sending: Sending = {}) {
  const standIn = await openSmtpServer({ address: '127.0.0.1', port: 0 }, options)
  t.after(() => standIn.close())
  const { server = {}, trusts = true, timeoutMs = 5000, signal = t.signal } = sending
  const sent = await sendMail(
    { host, port: 25, security: 'starttls', ...server },
    message,
    { signal, timeoutMs },
    {
      names: { [`${host}:25`]: `127.0.0.1:${standIn.port}` },
      secureContext: () => createSecureContext({ ca: trusts ? [root.pem] : [] }),
      ownName: 'watcher.corp.example',
    },
  )
  return { sent, standIn }
}

test('a mail goes under STARTTLS, signed in, with its ids, its texts and all receivers', async (t) => {
  const { sent, standIn } = await send(t, { certificate, account }, { server: { account } })
  assert.deepEqual(sent, { kind: 'taken', says: '250 2.0.0 queued as 4711', refused: [] })
  const [mail] = standIn.taken
  assert.deepEqual([mail?.isUnderTls, mail?.user, mail?.from, mail?.to], [true, 'postern', message.from, message.to])
  const text = mail?.text ?? ''
  assert.match(text, /^Message-ID: <postern\.2@corp\.example>$/m)
  assert.match(text, /^In-Reply-To: <postern\.1@corp\.example>$/m)
  assert.match(text, /^References: <postern\.1@corp\.example>$/m)
  assert.match(text, /^Auto-Submitted: auto-generated$/m)
  assert.match(text, /^X-Postern-Incident: 1$/m)
  assert.match(text, /^Subject: =\?UTF-8\?Q\?dc01=3A_Gr=C3=BC=C3=9Fe\?=$/m)
  assert.match(text, /^What: =C3=BCnlike$/m)
  assert.match(text, /^\.a line with a dot$/m)
  assert.match(text, /<p>What<\/p>/)
  assert.deepEqual(standIn.saidInClear, ['EHLO watcher.corp.example', 'STARTTLS'])
})

test('under TLS from the first octet on nothing is said in the clear', async (t) => {
  const { sent, standIn } = await send(t, { certificate, isImplicit: true }, { server: { security: 'tls' } })
  assert.equal(sent.kind, 'taken')
  assert.deepEqual(standIn.saidInClear, [])
})

test('where it is said so a mail goes in the clear', async (t) => {
  const { sent, standIn } = await send(t, {}, { server: { security: 'none' } })
  assert.deepEqual([sent.kind, standIn.taken.length], ['taken', 1])
})

test('a receiver that is not taken is told, and the others have their mail', async (t) => {
  const { sent, standIn } = await send(t, { certificate, conduct: 'refuses-one' })
  const refused = [{ address: 'b@corp.example', says: '550 5.1.1 b@corp.example: no such user' }]
  assert.deepEqual(sent.kind === 'taken' && sent.refused, refused)
  assert.deepEqual(standIn.taken[0]?.to, ['a@corp.example'])
})

const refusing: readonly { readonly when: string; readonly options: SmtpOptions; readonly sent: MailSent }[] = [
  {
    when: 'refuses the message',
    options: { certificate, conduct: 'refuses-message' },
    sent: { kind: 'refused', isFinal: true, says: '554 5.7.1 looks like spam' },
  },
  {
    when: 'is busy',
    options: { certificate, conduct: 'busy' },
    sent: { kind: 'refused', isFinal: false, says: '421 mail.corp.example is busy' },
  },
  {
    when: 'offers no STARTTLS',
    options: { certificate, conduct: 'refuses-starttls' },
    sent: {
      kind: 'failed',
      why: 'unreachable',
      says: 'mail.corp.example:25 refuses STARTTLS: 454 4.7.0 TLS is not available',
    },
  },
  {
    when: 'is silent once it has the message',
    options: { certificate, conduct: 'silent-after-data' },
    sent: { kind: 'failed', why: 'timed-out', says: 'mail.corp.example:25 did not answer in time' },
  },
  {
    when: 'never says a word',
    options: { certificate, conduct: 'silent' },
    sent: { kind: 'failed', why: 'timed-out', says: 'mail.corp.example:25 did not answer in time' },
  },
  {
    when: 'goes away amid the message',
    options: { certificate, conduct: 'closes-in-data' },
    sent: { kind: 'failed', why: 'unreachable', says: 'mail.corp.example:25 ended the connection' },
  },
]
for (const { when, options, sent: expected } of refusing) {
  test(`it is told when a mail server ${when}`, async (t) => {
    const { sent, standIn } = await send(t, options, { timeoutMs: 700 })
    assert.deepEqual([sent, standIn.taken], [expected, []])
  })
}

test('a server that takes no receiver refuses the mail for good', async (t) => {
  const { sent } = await send(t, { certificate, conduct: 'refuses-all' })
  assert.equal(sent.kind === 'refused' && sent.isFinal, true)
})

test('a server that never ends its greeting is left', async (t) => {
  const { sent } = await send(t, { certificate, conduct: 'talks-on' })
  assert.equal(sent.kind, 'failed')
})

test('a password is said to nobody whose certificate is not trusted, nor without TLS', async (t) => {
  const untrusted = await send(t, { certificate, account }, { trusts: false, server: { account } })
  assert.equal(untrusted.sent.kind === 'failed' && untrusted.sent.why, 'untrusted')
  const plain = await send(t, { account, conduct: 'no-starttls' }, { server: { account } })
  assert.equal(plain.sent.kind, 'failed')
  for (const { standIn } of [untrusted, plain]) {
    assert.deepEqual(standIn.taken, [])
    assert.ok(standIn.saidInClear.every((line) => !line.startsWith('AUTH')))
  }
})

test('a sign-in that is refused is for good, and one that is not offered is not left out', async (t) => {
  const refused = await send(t, { certificate, account, conduct: 'refuses-sign-in' }, { server: { account } })
  assert.equal(refused.sent.kind === 'refused' && refused.sent.isFinal, true)
  const none = await send(t, { certificate, account, conduct: 'no-sign-in' }, { server: { account } })
  assert.deepEqual([none.sent.kind, none.standIn.taken], ['refused', []])
})

test('a certificate of another name is not trusted', async (t) => {
  const { sent, standIn } = await send(t, { certificate }, { server: { host: '127.0.0.1', port: 1 } })
  assert.equal(sent.kind, 'failed')
  assert.deepEqual(standIn.taken, [])
})

test('an abort ends it and leaves nothing open', async (t) => {
  const ending = new AbortController()
  const sending = send(t, { certificate, conduct: 'silent' }, { signal: ending.signal })
  setTimeout(() => ending.abort(), 50)
  const { sent, standIn } = await sending
  assert.equal(sent.kind === 'failed' && sent.why, 'aborted')
  await standIn.close()
  assert.equal(await handlesLeft('TCPSocketWrap', 0), 0)
})
