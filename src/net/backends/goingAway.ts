/** Why a signal ends what is open when the gate itself ends, and nobody's sign-in has: clients may come again. */
export class GoingAway extends Error {
  override readonly name = 'GoingAway'

  constructor() {
    super('the gate ends')
  }
}
