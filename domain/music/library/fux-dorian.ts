/** The first cantus firmus of Gradus ad Parnassum (1725). */
export const fuxDorian = `
title: Cantus firmus in D dorian
composer: Johann Joseph Fux
time: 4/4
key: D dorian
tempo: 120

part: Cantus firmus
D4:w | F4:w | E4:w | D4:w | G4:w | F4:w | A4:w | G4:w | F4:w | E4:w | D4:w |
`;
