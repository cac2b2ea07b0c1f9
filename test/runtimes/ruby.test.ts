import { describeLanguage } from '../helpers/language.ts'

describeLanguage('ruby', { needs: ['ruby'], bases: { BASE_IMAGE: 'ruby' } })
