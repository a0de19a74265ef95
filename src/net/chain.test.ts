import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { CertificateWish, MadeCertificate } from '../../test/pki.ts'
import { makeCertificate, makeChain } from '../../test/pki.ts'
import type { FollowedChain } from './chain.ts'
import { createChainFollower } from './chain.ts'
import type { TrustMaterial } from './trustStores.ts'
import { createTrustStores } from './trustStores.ts'

const { root, intermediate, leaf } = await makeChain()
const other = await makeCertificate({ subject: 'CN=Other Root', ca: true })
/** The first root under its own name and key, signed by the other: a cross-certificate. */
const namesakeRoot = await makeCertificate({ subject: 'O=Test,CN=Test Root', ca: true })

const pem = (...certificates: readonly MadeCertificate[]): string[] => certificates.map((made) => made.pem)

function follow(
  sent: readonly MadeCertificate[],
  trust: Partial<TrustMaterial> = {},
  now: () => number = Date.now,
): FollowedChain {
  const follower = createChainFollower(createTrustStores({ site: [], machine: [], node: [], ...trust }), now)
  const had = sent.map((made) => ({ certificate: new X509Certificate(made.der), from: 'handshake' as const }))
  // The second time everything is remembered: it must come to the same.
  const first = follower.follow(had)
  assert.deepEqual(withoutOpen(follower.follow(had)), withoutOpen(first))
  return first
}

function withoutOpen({ open: _, ...rest }: FollowedChain): Omit<FollowedChain, 'open'> {
  return rest
}

const names = ({ chain }: FollowedChain): string[] => chain.map(({ subject, from }) => `${subject} (${from})`)

const leafSent = 'CN=localhost (handshake)'
const issuerSent = 'CN=Test Issuing CA,O=Test (handshake)'

test('a chain ends in the root of the store that holds it', () => {
  const followed = follow([leaf, intermediate], { machine: pem(root) })
  assert.deepEqual(names(followed), [leafSent, issuerSent, 'CN=Test Root,O=Test (machine)'])
  assert.deepEqual([followed.anchoredIn, followed.signaturesVerify, followed.open], [['machine'], true, undefined])
})

test('a root that several stores hold anchors in each of them', () => {
  const followed = follow([leaf, intermediate], { machine: pem(root), node: pem(other, root), site: pem(root) })
  assert.deepEqual(followed.anchoredIn, ['node', 'machine', 'site'])
})

test('a root that was sent is not trusted for that', () => {
  const followed = follow([leaf, intermediate, root], { node: pem(other) })
  assert.deepEqual(names(followed), [leafSent, issuerSent, 'CN=Test Root,O=Test (handshake)'])
  assert.deepEqual([followed.anchoredIn, followed.signaturesVerify, followed.open], [[], true, undefined])
})

test('a root that was sent and is held stays as it was sent', () => {
  const followed = follow([leaf, intermediate, root], { site: pem(root) })
  assert.equal(names(followed)[2], 'CN=Test Root,O=Test (handshake)')
  assert.deepEqual(followed.anchoredIn, ['site'])
})

test('order does not matter, and what does not belong to the chain is left out', () => {
  const followed = follow([leaf, other, root, intermediate, other], { machine: pem(root) })
  assert.deepEqual(names(followed).slice(0, 2), [leafSent, issuerSent])
  assert.equal(followed.chain.length, 3)
  assert.deepEqual(followed.anchoredIn, ['machine'])
})

test('without its intermediate a chain stays open', () => {
  const followed = follow([leaf], { machine: pem(root) })
  assert.deepEqual(names(followed), [leafSent])
  assert.deepEqual([followed.anchoredIn, followed.signaturesVerify], [[], true])
  assert.equal(followed.open?.subject, 'CN=localhost')
})

test('a self-signed certificate is a whole chain, in no store', async () => {
  const lone = await makeCertificate({ subject: 'CN=FGT60F-CONSOLE' })
  const followed = follow([lone], { machine: pem(root) })
  assert.deepEqual([followed.chain.length, followed.chain[0]?.selfSigned], [1, true])
  assert.deepEqual([followed.anchoredIn, followed.signaturesVerify, followed.open], [[], true, undefined])
})

test('a self-signed certificate that the site trusts is anchored there', async () => {
  const lone = await makeCertificate({ subject: 'CN=dc01' })
  assert.deepEqual(follow([lone], { site: pem(lone) }).anchoredIn, ['site'])
})

test('an issuing CA that the site trusts anchors without its root', () => {
  const followed = follow([leaf], { site: pem(intermediate) })
  assert.deepEqual(names(followed), [leafSent, 'CN=Test Issuing CA,O=Test (site)'])
  assert.deepEqual([followed.anchoredIn, followed.open], [['site'], undefined])
})

test('a signature that does not verify breaks the chain and is said', async () => {
  const forged = await makeCertificate({ subject: 'CN=localhost', issuer: intermediate, forged: true })
  const followed = follow([forged, intermediate, root], { machine: pem(root) })
  assert.deepEqual(names(followed), [leafSent])
  assert.deepEqual([followed.anchoredIn, followed.signaturesVerify], [[], false])
})

test('a root of the right name and another key anchors nothing', () => {
  const followed = follow([leaf, intermediate], { machine: pem(namesakeRoot) })
  assert.deepEqual([followed.chain.length, followed.anchoredIn], [2, []])
})

test('an end entity’s certificate issues nothing', async () => {
  const bought = await makeCertificate({ subject: 'CN=bought.example', issuer: intermediate })
  const abused = await makeCertificate({ subject: 'CN=localhost', issuer: bought })
  const followed = follow([abused, bought, intermediate, root], { machine: pem(root) })
  assert.deepEqual(names(followed), [leafSent])
  assert.deepEqual([followed.anchoredIn, followed.signaturesVerify], [[], true])
})

test('a certificate that names itself as issuer and was not signed by its own key is said to be forged', async () => {
  const forged = await makeCertificate({ subject: 'CN=localhost', forged: true })
  const { chain, signaturesVerify } = follow([forged])
  assert.deepEqual([chain[0]?.selfSigned, signaturesVerify], [false, false])
})

test('a leaf that the site trusts by itself needs no issuer', () => {
  const followed = follow([leaf], { site: pem(leaf) })
  assert.deepEqual([names(followed), followed.anchoredIn, followed.open], [[leafSent], ['site'], undefined])
})

test('of two ways up, the one that ends in a store is taken', async () => {
  const crossed = await makeCertificate({ subject: 'O=Test,CN=Test Root', issuer: other, ca: true })
  // Signed by the other root, but with a key of its own: nothing leads to it from the intermediate.
  const followed = follow([leaf, crossed, intermediate], { node: pem(root), machine: pem(other) })
  assert.deepEqual(names(followed), [leafSent, issuerSent, 'CN=Test Root,O=Test (node)'])
  assert.deepEqual(followed.anchoredIn, ['node'])
})

/** A public root that is older than some clients, with the cross-certificate that led them to an older one. */
const crossing = await (async () => {
  const past = { notBefore: new Date('2021-01-01T00:00:00Z'), notAfter: new Date('2024-09-30T00:00:00Z') }
  const old = await makeCertificate({ subject: 'CN=Old Root', ca: true })
  const dated = await makeCertificate({ subject: 'CN=Dated Root', ca: true, ...past })
  const young = await makeCertificate({ subject: 'CN=Young Root', ca: true })
  const cross = (issuer: MadeCertificate, over: Partial<CertificateWish> = {}): Promise<MadeCertificate> =>
    makeCertificate({ subject: 'CN=Young Root', issuer, keysOf: young, ca: true, ...over })
  const issuing = await makeCertificate({ subject: 'CN=Issuing', issuer: young, ca: true })
  return {
    old,
    dated,
    young,
    youngExpired: await makeCertificate({ subject: 'CN=Young Root', keysOf: young, ca: true, ...past }),
    crossed: await cross(old),
    expired: await cross(old, past),
    toDated: await cross(dated),
    issuing,
    issuingAhead: await makeCertificate({
      subject: 'CN=Issuing',
      issuer: young,
      keysOf: issuing,
      ca: true,
      notBefore: new Date('2090-01-01T00:00:00Z'),
      notAfter: new Date('2091-01-01T00:00:00Z'),
    }),
    issuingExpired: await makeCertificate({
      subject: 'CN=Issuing',
      issuer: young,
      keysOf: issuing,
      ca: true,
      ...past,
    }),
    leaf: await makeCertificate({ subject: 'CN=served', issuer: issuing }),
  }
})()

const up = ({ chain }: FollowedChain): string =>
  chain
    .map(({ subject, notAfter }) => `${subject.slice(3)}${/^20(24|91)/.test(notAfter) ? ' expired' : ''}`)
    .join(' < ')

for (const { name, sent, node = [], machine = [], chain, anchoredIn, open } of [
  {
    name: 'a cross-certificate that has expired is passed over for the root that a store holds',
    sent: [crossing.leaf, crossing.issuing, crossing.expired],
    node: [crossing.young, crossing.old],
    chain: 'served < Issuing < Young Root',
    anchoredIn: ['node'],
  },
  {
    name: 'so is one that is in date and leads to a root that has expired',
    sent: [crossing.leaf, crossing.issuing, crossing.toDated],
    node: [crossing.dated],
    machine: [crossing.young],
    chain: 'served < Issuing < Young Root',
    anchoredIn: ['machine'],
  },
  {
    name: 'a longer way in date is taken before a shorter one whose root has expired',
    sent: [crossing.leaf, crossing.issuing, crossing.crossed],
    node: [crossing.youngExpired],
    machine: [crossing.old],
    chain: 'served < Issuing < Young Root < Old Root',
    anchoredIn: ['machine'],
  },
  {
    name: 'of two ways in date the shorter is taken, and both stores are named',
    sent: [crossing.leaf, crossing.issuing, crossing.crossed],
    node: [crossing.young],
    machine: [crossing.old],
    chain: 'served < Issuing < Young Root',
    anchoredIn: ['node', 'machine'],
  },
  {
    name: 'a way that no client needs any more is taken where a store holds nothing else',
    sent: [crossing.leaf, crossing.issuing, crossing.expired],
    node: [crossing.old],
    chain: 'served < Issuing < Young Root expired < Old Root',
    anchoredIn: ['node'],
  },
  {
    name: 'an intermediate that has expired gives way to its renewal, in whatever order they were sent',
    sent: [crossing.leaf, crossing.issuingExpired, crossing.issuing],
    node: [crossing.young],
    chain: 'served < Issuing < Young Root',
    anchoredIn: ['node'],
  },
  {
    name: 'and so does one that is not yet valid',
    sent: [crossing.leaf, crossing.issuingAhead, crossing.issuing],
    node: [crossing.young],
    chain: 'served < Issuing < Young Root',
    anchoredIn: ['node'],
  },
  {
    name: 'an intermediate that has expired and has no renewal is not left out',
    sent: [crossing.leaf, crossing.issuingExpired],
    node: [crossing.young],
    chain: 'served < Issuing expired < Young Root',
    anchoredIn: ['node'],
  },
  {
    name: 'a certificate of a store that another has issued is gone beyond to its root',
    sent: [crossing.leaf, crossing.issuing],
    node: [crossing.young],
    machine: [crossing.issuing],
    chain: 'served < Issuing < Young Root',
    anchoredIn: ['node', 'machine'],
  },
  {
    name: 'and is the end where its root is in no store',
    sent: [crossing.leaf, crossing.issuing, crossing.young],
    machine: [crossing.issuing],
    chain: 'served < Issuing',
    anchoredIn: ['machine'],
  },
  {
    name: 'a way in date that no store ends is left open, so that its issuer can be fetched',
    sent: [crossing.leaf, crossing.issuing, crossing.expired],
    chain: 'served < Issuing < Young Root expired',
    anchoredIn: [],
    open: 'CN=Young Root',
  },
] as readonly {
  name: string
  sent: readonly MadeCertificate[]
  node?: readonly MadeCertificate[]
  machine?: readonly MadeCertificate[]
  chain: string
  anchoredIn: readonly string[]
  open?: string
}[]) {
  test(name, () => {
    const followed = follow(sent, { node: pem(...node), machine: pem(...machine) })
    assert.deepEqual(
      [up(followed), followed.anchoredIn, followed.signaturesVerify, followed.open?.subject],
      [chain, anchoredIn, true, open],
    )
  })
}

test('a chain that was followed is followed anew when its certificates may have run out', () => {
  const { leaf: served, issuing, crossed, young, old } = crossing
  const clock = { now: Date.now() }
  const stores = createTrustStores({ site: [], machine: [], node: pem(old, young) })
  const follower = createChainFollower(stores, () => clock.now)
  const had = [served, issuing, crossed].map(({ der }) => ({
    certificate: new X509Certificate(der),
    from: 'handshake' as const,
  }))
  const today = follower.follow(had)
  assert.equal(follower.follow(had), today)
  clock.now += 2 * 3_600_000
  assert.notEqual(follower.follow(had), today)
})

test('certificates that issue each other and lead nowhere end', async () => {
  const a = await makeCertificate({ subject: 'CN=A', ca: true })
  const b = await makeCertificate({ subject: 'CN=B', ca: true })
  const aByB = await makeCertificate({ subject: 'CN=A', issuer: b, keysOf: a, ca: true })
  const bByA = await makeCertificate({ subject: 'CN=B', issuer: a, keysOf: b, ca: true })
  const below = await makeCertificate({ subject: 'CN=C', issuer: a })
  assert.equal(follow([below, aByB, bByA]).chain.length, 3)
})

test('a circle of issuers ends', async () => {
  const a = await makeCertificate({ subject: 'CN=A', ca: true })
  const b = await makeCertificate({ subject: 'CN=B', issuer: a, ca: true })
  const followed = follow([b, a, b, a, b, a])
  assert.equal(followed.chain.length, 2)
})

test('of an endless chain the first sixteen are looked at', async () => {
  const chain = [await makeCertificate({ subject: 'CN=0', ca: true })]
  for (let depth = 1; depth < 30; depth += 1) {
    const [issuer] = chain
    if (issuer !== undefined) chain.unshift(await makeCertificate({ subject: `CN=${depth}`, issuer, ca: true }))
  }
  const followed = follow(chain)
  // What was not looked at has not failed to sign.
  assert.deepEqual([followed.chain.length, followed.signaturesVerify, followed.anchoredIn], [16, true, []])
})

test('nothing sent is no chain', () => {
  assert.deepEqual(follow([]), { chain: [], certificates: [], anchoredIn: [], signaturesVerify: false })
})

test('a site certificate that cannot be read is said at once', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  assert.throws(
    () => createTrustStores({ site: [root.pem, broken] }),
    /trust\.site\[1\]: 0 certificates read, 1 unread/,
  )
  assert.throws(
    () => createTrustStores({ site: [root.pem + broken] }),
    /trust\.site\[0\]: 1 certificates read, 1 unread/,
  )
  assert.throws(() => createTrustStores({ site: ['not PEM'] }), /trust\.site\[0\]: 0 certificates read/)
})

test('the platform’s own stores are read when none are given', () => {
  const stores = createTrustStores({ site: [] })
  assert.deepEqual(stores.holding(new X509Certificate(root.pem)), [])
})
