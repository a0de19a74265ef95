import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type MadeCertificate, makeCertificate } from '../../test/pki.ts'
import { openTlsContexts, type ServedCertificates } from '../net/tlsContexts.ts'
import {
  type CertificateNews,
  type CertificateSources,
  type OpenedCertificates,
  openCertificateFiles,
} from './certificateFiles.ts'

const dayMs = 86_400_000
const one: CertificateSources = { certificates: [{ certificate: 'gate.pem', key: 'gate.key' }], authorities: [] }

function leaf(more: Partial<Parameters<typeof makeCertificate>[0]> = {}): Promise<MadeCertificate> {
  return makeCertificate({
    subject: 'CN=gate.example',
    names: [{ type: 'dns', value: 'gate.example' }],
    servesTls: true,
    notAfter: new Date(Date.now() + 90 * dayMs),
    ...more,
  })
}

/** A folder, what was told, and a wall clock that the test sets. */
class Site {
  readonly folder: string
  readonly news: CertificateNews[] = []
  readonly taken: ServedCertificates[] = []
  nowMs = Date.now()
  /** How often the files were looked at. */
  looks = 0
  #waiting: (() => boolean)[] = []

  constructor(folder: string) {
    this.folder = folder
  }

  /** At once, so that only what a test writes in halves is seen in halves. */
  async write(name: string, text: string): Promise<void> {
    const path = join(this.folder, name)
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }

  async put({ pem, keyPem }: MadeCertificate): Promise<void> {
    await this.write('gate.pem', pem)
    await this.write('gate.key', keyPem)
  }

  open(sources: CertificateSources = one): ReturnType<typeof openCertificateFiles> {
    return openCertificateFiles(sources, this.folder, {
      clock: {
        now: () => {
          this.looks += 1
          this.#look()
          return this.nowMs
        },
        monotonicMs: () => 0,
      },
      everyMs: 10,
      news: (news) => {
        this.news.push(news)
        this.#look()
      },
    })
  }

  /** Begins the watch, which ends with the test. */
  watch(t: TestContext, opened: OpenedCertificates, take = openTlsContexts): void {
    const abort = new AbortController()
    const watched = opened.watch((served) => {
      const made = take(served)
      if ('ok' in made) this.taken.push(served)
      return 'ok' in made ? { ok: true } : made
    }, abort.signal)
    t.after(async () => {
      abort.abort()
      await watched
    })
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        if (isSo()) resolve()
        return isSo()
      })
      this.#look()
    })
  }

  /** Resolves after so many more looks. */
  looked(times: number): Promise<void> {
    const enough = this.looks + 2 * times + 2
    return this.until(() => this.looks >= enough)
  }

  #look(): void {
    this.#waiting = this.#waiting.filter((isOver) => !isOver())
  }
}

async function siteOf(t: TestContext): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-certificates-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return new Site(folder)
}

async function opened(site: Site, sources?: CertificateSources): Promise<OpenedCertificates> {
  const files = await site.open(sources)
  assert.ok('ok' in files, 'what' in files ? files.what : '')
  return files.ok
}

const kinds = (news: readonly CertificateNews[]): readonly string[] =>
  news.map((one) => (one.kind === 'kept' ? `kept ${one.reason}` : one.kind))

test('a pair that is good is read, and nothing is told', async (t) => {
  const site = await siteOf(t)
  const made = await leaf()
  await site.put(made)
  assert.deepEqual((await opened(site)).served, {
    pairs: [{ chainPem: made.pem, keyPem: made.keyPem }],
    authorities: [],
  })
  assert.deepEqual(site.news, [])
})

test('at the beginning what is not good is an error that names the file and holds nothing of the key', async (t) => {
  const site = await siteOf(t)
  const made = await leaf()
  const rows: readonly [text: RegExp, pem: string, key: string][] = [
    [/^"gate.pem": the certificate file holds no certificate/, 'nothing', made.keyPem],
    [/^"gate.pem": .*cannot be read$/, made.pem.replace(/\n[\w+/]{40}/, '\n'), made.keyPem],
    [/^"gate.pem": the key file holds no private key/, made.pem, made.keyPem.slice(0, 100)],
    [/^"gate.pem": the key is not that of the first certificate$/, made.pem, (await leaf()).keyPem],
  ]
  for (const [text, pem, key] of rows) {
    await site.put({ ...made, pem, keyPem: key })
    const files = await site.open()
    assert.match('what' in files ? files.what : 'taken', text)
    assert.equal(JSON.stringify(files).includes(made.keyPem.split('\n')[1] ?? ''), false)
  }
  await rm(join(site.folder, 'gate.key'))
  const missing = await site.open()
  assert.match('what' in missing ? missing.what : 'taken', /^"gate.key": the file cannot be read$/)
})

test('neither an expired one, nor one of tomorrow, nor one for clients is taken', async (t) => {
  const site = await siteOf(t)
  const rows = [
    [/has expired$/, { notBefore: new Date(Date.now() - 3 * dayMs), notAfter: new Date(Date.now() - dayMs) }],
    [/is not valid yet$/, { notBefore: new Date(Date.now() + dayMs) }],
    [/is not for servers$/, { servesTls: false, purposes: ['1.3.6.1.5.5.7.3.2'] }],
  ] as const
  for (const [text, more] of rows) {
    await site.put(await leaf(more))
    const files = await site.open()
    assert.match('what' in files ? files.what : 'taken', text)
  }
})

test('a pair that is replaced is taken, and a half-written one is not: the old stays, and that is told once', async (t) => {
  const site = await siteOf(t)
  const old = await leaf()
  await site.put(old)
  site.watch(t, await opened(site))
  const next = await leaf()
  await site.write('gate.pem', next.pem.slice(0, 200))
  await site.until(() => site.news.length > 0)
  await site.looked(4)
  assert.deepEqual(kinds(site.news), ['kept no-certificate'])
  assert.deepEqual(site.taken, [])
  await site.write('gate.pem', next.pem)
  await site.until(() => site.news.length > 1)
  await site.looked(4)
  assert.deepEqual(kinds(site.news).slice(1), ['kept key-does-not-fit'])
  assert.deepEqual(site.taken, [])
  await site.write('gate.key', next.keyPem)
  await site.until(() => site.news.length > 2)
  assert.deepEqual(kinds(site.news).slice(2), ['taken'])
  assert.deepEqual(site.taken, [{ pairs: [{ chainPem: next.pem, keyPem: next.keyPem }], authorities: [] }])
})

test('a key that is away twice is told twice', async (t) => {
  const site = await siteOf(t)
  const made = await leaf()
  await site.put(made)
  site.watch(t, await opened(site))
  for (const times of [1, 2]) {
    await rm(join(site.folder, 'gate.key'))
    await site.until(() => site.news.length === times)
    await site.write('gate.key', made.keyPem)
    await site.looked(3)
  }
  assert.deepEqual(kinds(site.news), ['kept unavailable', 'kept unavailable'])
  assert.deepEqual(site.news[0], { kind: 'kept', file: 'gate.key', reason: 'unavailable' })
})

test('a folder that is swapped by its link, as Kubernetes does, is followed', async (t) => {
  const site = await siteOf(t)
  const at = (name: string): string => join(site.folder, name)
  const versions = [await leaf(), await leaf(), await leaf()]
  for (const [index, { pem, keyPem }] of versions.entries()) {
    await mkdir(at(`..${index}`))
    await site.write(`..${index}/gate.pem`, pem)
    await site.write(`..${index}/gate.key`, keyPem)
  }
  await symlink('..0', at('..data'))
  await symlink('..data/gate.pem', at('gate.pem'))
  await symlink('..data/gate.key', at('gate.key'))
  site.watch(t, await opened(site))
  for (const index of [1, 2]) {
    await symlink(`..${index}`, at('..next'))
    await rename(at('..next'), at('..data'))
    await site.until(() => site.taken.length === index)
  }
  assert.deepEqual(
    site.taken.map(({ pairs }) => pairs[0]?.chainPem),
    versions.slice(1).map(({ pem }) => pem),
  )
  assert.deepEqual(kinds(site.news), ['taken', 'taken'])
})

test('of two pairs the good one is taken while the other is half written', async (t) => {
  const site = await siteOf(t)
  const other = await leaf()
  const made = await leaf()
  await site.put(made)
  await site.write('other.pem', other.pem)
  await site.write('other.key', other.keyPem)
  const two = { ...one, certificates: [...one.certificates, { certificate: 'other.pem', key: 'other.key' }] }
  site.watch(t, await opened(site, two))
  const next = await leaf()
  await site.write('gate.pem', 'half')
  await site.write('other.key', next.keyPem)
  await site.write('other.pem', next.pem)
  await site.until(() => site.taken.length === 1 && kinds(site.news).includes('kept no-certificate'))
  assert.deepEqual(
    site.taken[0]?.pairs.map(({ chainPem }) => chainPem),
    [made.pem, next.pem],
  )
})

test('CAs of clients are taken up too, and no file without one', async (t) => {
  const site = await siteOf(t)
  await site.put(await leaf())
  const authority = await makeCertificate({ subject: 'CN=Devices', ca: true })
  await site.write('devices.pem', authority.pem)
  const sources = { ...one, authorities: ['devices.pem'] }
  const files = await opened(site, sources)
  assert.deepEqual(files.served.authorities, [authority.pem])
  site.watch(t, files)
  await site.write('devices.pem', (await leaf()).pem)
  await site.until(() => site.news.length > 0)
  assert.deepEqual(kinds(site.news), ['kept authorities-unreadable'])
  const next = await makeCertificate({ subject: 'CN=Devices 2', ca: true })
  await site.write('devices.pem', next.pem)
  await site.until(() => site.taken.length > 0)
  assert.deepEqual(site.taken[0]?.authorities, [next.pem])
})

test('what cannot be put in place is told once, and the next good one is taken', async (t) => {
  const site = await siteOf(t)
  await site.put(await leaf())
  let isWilling = false
  site.watch(t, await opened(site), (served) => (isWilling ? openTlsContexts(served) : { error: 'no' }))
  await site.put(await leaf())
  const refused = (): readonly string[] => kinds(site.news).filter((kind) => kind === 'kept not-usable')
  await site.until(() => refused().length > 0)
  await site.looked(4)
  assert.equal(refused().length, 1)
  isWilling = true
  await site.until(() => site.taken.length === 1)
})

test('the end of a certificate is announced ahead, each day of the list once, and also for the next certificate', async (t) => {
  const site = await siteOf(t)
  const endMs = site.nowMs + 40 * dayMs
  await site.put(await leaf({ notAfter: new Date(endMs) }))
  const files = await opened(site)
  site.watch(t, files)
  const told = (): readonly number[] => site.news.flatMap((one) => (one.kind === 'expires' ? [one.days] : []))
  for (const [left, expected] of [
    [29, [30]],
    [28, [30]],
    [13.5, [30, 14]],
    // Days on which the machine was off are passed over.
    [2, [30, 14, 3]],
    [0.5, [30, 14, 3, 1]],
    [-0.5, [30, 14, 3, 1, 0]],
  ] as const) {
    site.nowMs = endMs - left * dayMs
    await site.looked(3)
    assert.deepEqual(told(), expected)
  }
  await site.put(await leaf({ notAfter: new Date(site.nowMs + 5 * dayMs), notBefore: new Date(endMs - dayMs) }))
  await site.until(() => told().length === 6)
  assert.equal(told().at(-1), 7)
})
