import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CauseCode } from '../model/cause.ts'
import type { FlowState } from './stepOf.ts'
import { stepOf } from './stepOf.ts'

/** `.` is a look that is well, `r` one that is refused, `s` one that is filtered in silence. */
function play(looks: string, confirmations = 3): { readonly news: readonly string[]; readonly asked: number } {
  const causes: Readonly<Record<string, CauseCode>> = { r: 'refused', s: 'filtered-silently' }
  let state: FlowState = { kind: 'well' }
  let asked = 0
  const news: string[] = []
  for (const [at, sign] of [...looks].entries()) {
    const step = stepOf(state, { at, isWell: sign === '.', cause: causes[sign] }, confirmations)
    state = step.state
    if (step.asksAgain) asked += 1
    if (step.news !== undefined) news.push(`${at} ${step.news.kind}`)
  }
  return { news, asked }
}

const rows: readonly (readonly [looks: string, news: readonly string[], asked: number, confirmations?: number])[] = [
  ['......', [], 0],
  ['..r...', ['3 unsteady'], 1],
  ['..rrr..', ['5 unsteady'], 3],
  ['..rrrr..', ['5 went-bad', '6 came-back'], 3],
  ['rrrrrrrr', ['3 went-bad'], 3],
  ['rsrsrs', ['3 went-bad'], 3],
  ['rrrrsr.', ['3 went-bad', '6 came-back'], 3],
  ['rrrrssss.', ['3 went-bad', '5 changed-cause', '8 came-back'], 3],
  ['r.', ['0 went-bad', '1 came-back'], 0, 0],
  ['.r.r.r.', ['2 unsteady', '4 unsteady', '6 unsteady'], 3],
]

for (const [looks, news, asked, confirmations] of rows) {
  test(`looks ${looks} come to: ${news.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(play(looks, confirmations), { news, asked })
  })
}

test('whatever comes, a flow goes bad before it comes back, and no failure counts after fewer looks than asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('.', '.', 'r', 's')),
      fc.integer({ min: 0, max: 5 }),
      (signs, confirmations) => {
        const { news } = play(signs.join(''), confirmations)
        let isBad = false
        for (const one of news) {
          const [at = '', kind] = one.split(' ')
          if (kind === 'went-bad') {
            assert.equal(isBad, false)
            isBad = true
            assert.ok(
              signs.slice(Math.max(0, Number(at) - confirmations), Number(at) + 1).every((sign) => sign !== '.'),
            )
          } else if (kind === 'came-back') {
            assert.equal(isBad, true)
            isBad = false
          } else {
            assert.equal(isBad, kind === 'changed-cause')
          }
        }
      },
    ),
  )
})
