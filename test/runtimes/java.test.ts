import { describeLanguage } from '../helpers/language.ts'

const cannot = { parseBodies: 'the JDK has no JSON: a Java handler gets the bytes and brings a library' }

describeLanguage('java', { needs: ['java'], bases: { BUILD_IMAGE: 'java', BASE_IMAGE: 'java' }, cannot })
