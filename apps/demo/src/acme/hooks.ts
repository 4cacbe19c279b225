import { defineExtension, fail, keep, postSubmit, preMap, skip } from '@mortise/extension-hooks'

/** What the pipeline knows of a message, and what Acme's hooks work on. */
export interface ContactNote {
  contact: string
  name: string
  text: string
  files: string[]
}

/** Acme's own code, as a customer of the platform writes it. */
export const acmeExtension = defineExtension({
  diy: {
    hooks: {
      /** One record at a time: tidies the text, leaves out empty notes, refuses unknown people. */
      tidyNote: preMap<ContactNote, ContactNote>({
        each: (note) => {
          if (note.contact === '')
            return fail({ code: 'no_contact', message: 'The note has no contact' })
          const text = note.text.trim().replaceAll(/\s+/g, ' ')
          return text === '' && note.files.length === 0 ? skip() : keep({ ...note, text })
        },
      }),
      /** Written in a hurry: loses a record whenever somebody writes "lost". */
      tidyInAHurry: preMap<ContactNote, ContactNote>(({ data }) =>
        data.filter(({ text }) => !text.includes('lost')).map((note) => ({ data: note })),
      ),
      /** Sees what Acme's API said about each note and passes it on. */
      remember: postSubmit(({ responseData }) => responseData),
    },
  },
})
