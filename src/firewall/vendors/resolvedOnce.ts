/** Groups within each other that are followed: people have a handful. */
const deepest = 64

/**
 * Finds what names stand for where a group may name groups: each is made once, however many others name it. Followed
 * anew from each, thirty groups that name two others apiece would be followed a billion ways.
 *
 * What comes to `refused` stays part of every group that leads there, also where it is asked for by itself: less is
 * known of a circle than could be, and never more.
 *
 * @param make what a name stands for; `of` gives the same for a member
 * @param refused what a name stands for that is not followed; `why` is the end of a sentence about it
 */
export function resolvedOnce<Found, Name = string>(
  make: (name: Name, of: (member: Name) => Found) => Found,
  refused: (name: Name, why: string) => Found,
): (name: Name) => Found {
  const made = new Map<Name, { readonly found: Found }>()
  const open = new Set<Name>()
  const of = (name: Name): Found => {
    const before = made.get(name)
    if (before !== undefined) return before.found
    if (open.has(name)) return refused(name, 'which holds itself')
    if (open.size >= deepest) return refused(name, `which is nested more than ${deepest} deep`)
    open.add(name)
    const found = make(name, of)
    open.delete(name)
    made.set(name, { found })
    return found
  }
  return of
}
