/** The tune has many forms; this one keeps to the melodic minor. */
export const greensleeves = `
title: Greensleeves
composer: Traditional
time: 6/8
key: A minor
tempo: 75
upbeat: e

part: Melody
A4:e | C5:q D5:e E5:e. F5:s E5:e | D5:q B4:e G4:e. A4:s B4:e | C5:q A4:e A4:e. G#4:s A4:e |
B4:q G#4:e E4:q A4:e | C5:q D5:e E5:e. F5:s E5:e | D5:q B4:e G4:e. A4:s B4:e |
C5:e. B4:s A4:e G#4:e. F#4:s G#4:e | A4:q. A4:q. | G5:q. G5:e. F#5:s E5:e | D5:q B4:e G4:e. A4:s B4:e |
C5:q A4:e A4:e. G#4:s A4:e | B4:q G#4:e E4:q. | G5:q. G5:e. F#5:s E5:e | D5:q B4:e G4:e. A4:s B4:e |
C5:e. B4:s A4:e G#4:e. F#4:s G#4:e | A4:q. A4:q |
`;
