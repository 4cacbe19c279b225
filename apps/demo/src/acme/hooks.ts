import { defineExtension, fail, keep, preMap, skip } from '@mortise/extension-hooks'

/** What the pipeline knows of a message, and what Acme's hook works on. */
export interface ContactNote {
  contact: string
  name: string
  text: string
  files: string[]
}

/** Acme's own code, as a customer of the platform writes it, in two releases. */
export interface AcmeExtension {
  extension: { diy: { hooks: { tidyNotes: typeof inAHurry | typeof oneByOne } } }
  /** Deploys a release; the host takes it from the next call on. */
  deploy: (release: 'with the mistake' | 'repaired') => void
}

/** Written in a hurry: loses a record whenever somebody writes "lost". */
const inAHurry = preMap<ContactNote, ContactNote>(({ data }) =>
  data.filter(({ text }) => !text.includes('lost')).map((note) => ({ data: tidy(note) })),
)

/** One record at a time: it cannot lose any, and a refused one does not fail its neighbours. */
const oneByOne = preMap<ContactNote, ContactNote>({
  each: (note) => {
    if (note.contact === '') return fail({ code: 'no_contact', message: 'The note has no contact' })
    const isEmpty = note.text === '' && note.files.length === 0
    return isEmpty ? skip() : keep(tidy(note))
  },
})

/** Acme's extension as it was first deployed, with the mistake in it. */
export function createAcmeExtension(): AcmeExtension {
  const hooks: AcmeExtension['extension']['diy']['hooks'] = { tidyNotes: inAHurry }
  return {
    extension: defineExtension({ diy: { hooks } }),
    deploy: (release) => {
      hooks.tidyNotes = release === 'repaired' ? oneByOne : inAHurry
    },
  }
}

function tidy(note: ContactNote): ContactNote {
  return { ...note, text: note.text.trim().replaceAll(/\s+/g, ' ') }
}
