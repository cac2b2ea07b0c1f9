import { describeLanguage } from '../helpers/language.ts'

describeLanguage('python', { needs: ['python'], bases: { BASE_IMAGE: 'python' } })
