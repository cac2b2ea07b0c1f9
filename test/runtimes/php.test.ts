import { describeLanguage } from '../helpers/language.ts'

describeLanguage('php', { needs: ['php'], bases: { BASE_IMAGE: 'php' } })
