import type { ConfirmedNews } from '../news.ts'
import type { Draft } from './draft.ts'
import { add, end } from './draft.ts'
import { burnTrouble, findingTrouble, flowTrouble, toldTrouble } from './newTrouble.ts'
import { explains } from './place.ts'
import type { Trouble } from './trouble.ts'
import { findingId, isLive, troubleId } from './trouble.ts'

/** Files one piece of news: what fails waits for its incident, what is well again ends where it stood. */
export function takeNews(draft: Draft, news: ConfirmedNews): void {
  const { standings, places } = draft
  switch (news.kind) {
    case 'went-bad':
      fail(draft, flowTrouble(news, standings.get(news.key), places), news)
      break
    case 'changed-cause':
      fail(draft, flowTrouble(news, standings.get(news.key), places), { at: news.at, looks: 1 })
      break
    case 'sign-in-failed':
    case 'canary-late':
      fail(draft, toldTrouble(news, standings.get(news.subject), places), news)
      break
    case 'time-finding':
      fail(draft, findingTrouble(news, standings.get(news.subject), places), { at: news.at, looks: 1 })
      break
    case 'burn-rate':
      if (news.level === 'none') mend(draft, findingId(news.subject, 'burn-rate'), news.at)
      else fail(draft, burnTrouble(news, standings.get(news.subject), places), { at: news.at, looks: 1 })
      break
    case 'came-back':
      mend(draft, news.key, news.at)
      break
    case 'sign-in-back':
    case 'canary-back':
      mend(draft, news.subject, news.at)
      break
    case 'finding-over':
      mend(draft, findingId(news.subject, news.code), news.at)
      break
    case 'unwatched':
      forget(draft, news.subject, news.at)
      break
    case 'unsteady':
      break
    default:
      news satisfies never
  }
}

interface By {
  readonly at: number
  readonly looks: number
  readonly vantages?: readonly string[]
}

function fail(draft: Draft, trouble: Trouble, { at, looks, vantages = [] }: By): void {
  const id = troubleId(trouble)
  const home = draft.incidents.get(draft.living.get(id) ?? '')
  const known = home?.consequences.find((one) => isLive(one) && troubleId(one) === id)
  if (home === undefined || known === undefined) {
    draft.loose.set(id, { trouble, looks, vantages })
    return
  }
  // It has failed all the time: when it was well for the last time is what was known before.
  const wellAt = known.weighed?.wellAt
  const { wellAt: _, ...weighed } = { ...trouble.weighed, since: known.weighed?.since ?? known.since }
  const goesOn = { ...trouble, weighed: wellAt === undefined ? weighed : { ...weighed, wellAt } }
  if (explains(home, trouble)) {
    add(draft, home.id, { trouble: goesOn, looks, vantages })
    return
  }
  end(draft, id, at, 'other-cause')
  draft.loose.set(id, {
    trouble: { ...goesOn, since: Math.max(known.since, Math.min(at, trouble.since)) },
    looks,
    vantages,
  })
}

function mend(draft: Draft, id: string, at: number): void {
  draft.loose.delete(id)
  end(draft, id, at)
}

/** Nothing more will be heard of it: all that failed of it is over, and not because it was mended. */
function forget(draft: Draft, subject: string, at: number): void {
  const isOfIt = (id: string): boolean => id === subject || id.startsWith(`${subject}#`)
  for (const id of [...draft.loose.keys()].filter(isOfIt)) draft.loose.delete(id)
  for (const id of [...draft.living.keys()].filter(isOfIt)) end(draft, id, at, 'unwatched')
}
