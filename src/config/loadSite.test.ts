import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { clouds } from '../model/cloud.ts'
import { features } from '../model/feature.ts'
import { siteRoles } from '../model/role.ts'
import type { Site } from '../model/site.ts'
import { facts } from '../model/site.ts'
import { formatConfigErrors } from './configError.ts'
import { loadSite } from './loadSite.ts'
import { maxSiteBytes } from './parseSite.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const files = (await readdir(examples)).filter((file) => file.endsWith('.yaml'))
const smallest = 'site: a\nhosts: { x: { roles: [adfs] } }\n'

test('every example is read without an error, and says by which schema an editor checks it', async () => {
  assert.ok(files.length >= 6)
  const used = new Set<string>()
  for (const file of files) {
    const { site, text, folder } = await loaded(file)
    assert.match(text, /^# yaml-language-server: \$schema=\.\.\/docs\/reference\/site\.schema\.json\n/, file)
    assert.equal(folder, examples)
    used.add(site.cloud)
  }
  assert.ok(clouds.filter((cloud) => used.has(cloud)).length > 1)
})

test('the example of everything has every role, feature and fact', async () => {
  const { site } = await loaded('everything.yaml')
  const machines = [...Object.values(site.hosts), ...Object.values(site.networks)]
  const played = new Set(machines.flatMap(({ roles }) => roles))
  assert.deepEqual(
    siteRoles.filter((role) => !played.has(role)),
    [],
  )
  assert.deepEqual([...site.features].sort(), [...features].sort())
  assert.deepEqual(Object.keys(site.facts).sort(), [...facts].sort())
})

test('certificates are read from beside the site file, wherever the program was started', async (t) => {
  const folder = await folderFor(t)
  await writeFile(join(folder, 'ca.pem'), await readFile(join(examples, 'enterprise-ca.pem')))
  await writeFile(join(folder, 'site.yaml'), `${smallest}trust: { certificates: [ca.pem] }\n`)
  const read = await loadSite(join(folder, 'site.yaml'), '/')
  assert.ok('ok' in read)
  assert.equal(read.ok.folder, folder)
  assert.equal(read.ok.trustPem.length, 1)
  assert.match(read.ok.trustPem[0] ?? '', /BEGIN CERTIFICATE/)
})

test('a certificate file that is missing or none is an error where the site file names it', async (t) => {
  const folder = await folderFor(t)
  await writeFile(join(folder, 'key.pem'), 'not a certificate')
  await writeFile(join(folder, 'site.yaml'), `${smallest}trust:\n  certificates:\n    - none.pem\n    - key.pem\n`)
  assert.deepEqual(await linesFor('site.yaml', folder), [
    'site.yaml:5:7: "none.pem" cannot be read: there is no such file, paths are relative to the site file',
    'site.yaml:6:7: "key.pem" holds no PEM certificate, name a file that begins with -----BEGIN CERTIFICATE-----',
  ])
})

test('every certificate of a file is read, and the one that cannot be is an error where the site file names it', async (t) => {
  const folder = await folderFor(t)
  const pem = await readFile(join(examples, 'enterprise-ca.pem'), 'utf8')
  await writeFile(join(folder, 'two.pem'), `an explanation\n${pem}\nanother\n${pem}`)
  await writeFile(join(folder, 'site.yaml'), `${smallest}trust: { certificates: [two.pem] }\n`)
  const read = await loadSite('site.yaml', folder)
  assert.ok('ok' in read)
  const fingerprint = new X509Certificate(pem).fingerprint256.replaceAll(':', '')
  assert.match(fingerprint, /^[0-9A-F]{64}$/)
  assert.deepEqual(read.ok.trustFingerprints, [fingerprint, fingerprint])
  const rows = [
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    '-----BEGIN CERTIFICATE-----\nnot base64 - at all\n-----END CERTIFICATE-----\n',
    '-----BEGIN CERTIFICATE-----\nMIIB',
  ]
  for (const bad of rows) {
    await writeFile(join(folder, 'two.pem'), pem + bad)
    assert.deepEqual(await linesFor('site.yaml', folder), [
      'site.yaml:3:25: certificate 2 of "two.pem" cannot be read, export it again as PEM (Base64), from BEGIN to END',
    ])
  }
})

test('a file that cannot be read is one line with the reason', async (t) => {
  const folder = await folderFor(t)
  await mkdir(join(folder, 'folder.yaml'))
  await writeFile(join(folder, 'large.yaml'), Buffer.alloc(10 * 1024 * 1024, '#'))
  await writeFile(join(folder, 'utf16.yaml'), Buffer.from(`\uFEFF${smallest}`, 'utf16le'))
  await writeFile(join(folder, 'latin1.yaml'), Buffer.from('site: a\ndomain: münchen.example\n', 'latin1'))
  const rows: readonly [string, string][] = [
    ['none.yaml', '1:1: the site file cannot be read: there is no such file, name one that can with --site FILE'],
    ['none/a.yaml', '1:1: the site file cannot be read: there is no such file, name one that can with --site FILE'],
    ['folder.yaml', '1:1: the site file cannot be read: it is a folder, name one that can with --site FILE'],
    ['large.yaml', '1:1: the file has 10.0 MiB, a site file has at most 4.0 MiB: is it the right file?'],
    ['utf16.yaml', '1:1: the file is UTF-16 text, save it as UTF-8'],
    ['latin1.yaml', '2:10: this is not UTF-8 text, save the file as UTF-8'],
  ]
  for (const [file, line] of rows) assert.deepEqual(await linesFor(file, folder), [`${file}:${line}`])
})

test('a device is an error before it is opened, and so is a pipe as certificate', {
  skip: process.platform === 'win32' ? 'Windows has no such devices' : false,
}, async (t) => {
  const folder = await folderFor(t)
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const why = 'it is a pipe or device and no file'
  for (const file of ['/dev/zero', '/dev/null']) {
    const line = `${file}:1:1: the site file cannot be read: ${why}, name one that can with --site FILE`
    assert.deepEqual(await linesFor(file, folder), [line])
  }
  await writeFile(join(folder, 'site.yaml'), `${smallest}trust: { certificates: [pipe] }\n`)
  assert.deepEqual(await linesFor('site.yaml', folder), [
    `site.yaml:3:25: "pipe" cannot be read: ${why}, paths are relative to the site file`,
  ])
})

test('a file of just the size that is allowed is read', async (t) => {
  const folder = await folderFor(t)
  const padding = '#'.repeat(maxSiteBytes - smallest.length)
  await writeFile(join(folder, 'full.yaml'), smallest + padding)
  assert.ok('ok' in (await loadSite('full.yaml', folder)))
})

async function loaded(file: string): Promise<{ site: Site; text: string; folder: string }> {
  const read = await loadSite(file, examples)
  assert.ok('ok' in read, 'errors' in read ? formatConfigErrors(read.errors).join('\n') : '')
  return read.ok
}

async function linesFor(file: string, folder: string): Promise<readonly string[]> {
  const read = await loadSite(file, folder)
  assert.ok('errors' in read, `${file} was read`)
  return formatConfigErrors(read.errors)
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-site-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}
