"""The report's fixed sentences, in English and Swedish. No figure from data stands here."""

from pilot_analysis.words import Language, pick

_TEXT: dict[str, tuple[str, str]] = {
    "title": (
        "Full-time mentors in Linköping's schools: what does the evaluation show?",
        "Heltidsmentorer i Linköpings skolor: vad visar utvärderingen?",
    ),
    "synthetic": (
        "Synthetic data: not evidence about Linköping. All schools, pupils and numbers are made up.",
        "Syntetiska data: inga belägg om Linköping. Alla skolor, elever och siffror är påhittade.",
    ),
    "answers": ("The answers on one page", "Svaren på en sida"),
    "C1": ("Did absence fall?", "Minskade frånvaron?"),
    "C2": ("Did more pupils reach the goals?", "Nådde fler elever målen?"),
    "C3": (
        "Did pupils with earlier high absence gain?",
        "Gynnades elever som tidigare haft hög frånvaro?",
    ),
    "C4": ("Did targeted support help?", "Hjälpte riktat stöd?"),
    "C5": ("Did teachers get time to teach?", "Fick lärarna tid att undervisa?"),
    "C6": ("Did pupils feel safer?", "Kände sig eleverna tryggare?"),
    "C7": ("What did it cost?", "Vad kostade det?"),
    "not asked": (
        "cannot be determined: there are no answers to compare.",
        "går inte att avgöra: det finns inga svar att jämföra.",
    ),
    "strength": ("Strength of evidence", "Evidensstyrka"),
    "exploratory": (
        "Exploratory: this run departs from the analysis plan",
        "Utforskande: denna körning avviker från analysplanen",
    ),
    "planned": ("planned", "planerat"),
    "used": ("used", "använt"),
    "limits": ("What this does not show", "Vad detta inte visar"),
    "limits_short": (
        "Schools were not drawn by lot, and the pilot met the pandemic. Absence is what the "
        "registers say, grades are set by teachers, and answers are what people chose to say. "
        "'Cannot be determined' is not evidence that the effect is zero. Whether the same would "
        "happen at other schools, or in another year, is not shown.",
        "Skolorna lottades inte, och pandemin kom under pilottiden. Frånvaron är den som registrerats, "
        "betygen sätts av lärarna och enkätsvaren är vad människor valde att svara. 'Går inte att "
        "avgöra' är inte belägg för att effekten är noll. Om samma sak skulle hända på andra "
        "skolor eller ett annat år visas inte.",
    ),
    "design": ("What was done, and how it is evaluated", "Vad som gjordes och hur det utvärderas"),
    "design_text": (
        "Schools employed full-time mentors who neither teach nor grade, from 2019 and for just "
        "over a year: some for whole classes, some targeted at a few pupils. Since July 2019 the "
        "Education Act (chapter 15, section 19 a) gives every upper secondary pupil a mentor; the "
        "principal decides who. There the contrast is a full-time mentor against the mentor that a "
        "school otherwise has.",
        "Skolor anställde heltidsmentorer som varken undervisar eller betygsätter, från 2019 och "
        "drygt ett år: en del för hela klasser, en del riktade till några elever. Sedan juli 2019 "
        "ger skollagen (15 kap. 19 a §) varje gymnasieelev en mentor; rektorn bestämmer vem. Där "
        "jämförs alltså en heltidsmentor med den mentor som skolan annars har.",
    ),
    "compared": (
        "Pilot schools are compared with other municipal schools, before and after the start "
        "(difference-in-differences). Lower and upper secondary schools are never pooled: the "
        "pandemic moved their absence in opposite directions. A school whose history is unknown, "
        "or that had mentors before, is no comparison.",
        "Pilotskolorna jämförs med andra kommunala skolor, före och efter starten "
        "(difference-in-differences). Högstadiet och gymnasiet slås aldrig ihop: pandemin ändrade "
        "deras frånvaro åt olika håll. En skola med okänd historia, eller som haft mentorer "
        "tidigare, är ingen jämförelse.",
    ),
    "timeline": (
        "Which schools had full-time mentors, and when.",
        "Vilka skolor som hade heltidsmentorer, och när.",
    ),
    "logic": ("How mentors were meant to work", "Hur mentorerna var tänkta att verka"),
    "logic_text": (
        "Each step is a question of its own. An arrow is a hope, not a finding.",
        "Varje steg är en egen fråga. En pil är en förhoppning, inte ett resultat.",
    ),
    "logic_caption": (
        "The pilot's logic, and what else moves the same figures.",
        "Hur pilotprojektet var tänkt att fungera, och vad annat som påverkar samma siffror.",
    ),
    "results": ("The results, question by question", "Resultaten, fråga för fråga"),
    "response": (
        "Nothing is shown of a group with fewer than ten answers, or where fewer than half of "
        "those asked answered. Mentors and principals are never shown by school.",
        "Inget visas om en grupp med färre än tio svar, eller där färre än hälften av de "
        "tillfrågade svarade. Mentorer och rektorer visas aldrig per skola.",
    ),
    "wrong": ("What could be wrong", "Vad som kan vara fel"),
    "wrong_text": (
        "The dated analysis plan names these warnings and their limits; its amendments are listed "
        "with their reasons. Each warning that is raised beside a planned question lowers its "
        "strength of evidence; those that could not be looked at are named too.",
        "Den daterade analysplanen anger varningarna och deras gränser; ändringar i planen "
        "redovisas med skäl. Varje varning som utlöses för en planerad fråga sänker "
        "evidensstyrkan; även de som inte gick att pröva nämns.",
    ),
    "no warnings": ("No warning was raised.", "Ingen varning utlöstes."),
    "warning": ("Warning", "Varning"),
    "state": ("State", "Utfall av prövningen"),
    "found": ("Figure", "Värde"),
    "raised": ("raised", "utlöst"),
    "unknown": ("could not be looked at", "gick inte att pröva"),
    "reporting_changed": ("Reporting of absence changed", "Rapporteringen av frånvaro ändrades"),
    "drift_before_the_start": (
        "Schools drifted apart before the start",
        "Skolorna utvecklades olika redan före starten",
    ),
    "a_small_drift_would_overturn_it": (
        "A small drift would overturn the result",
        "En liten skillnad i utveckling skulle ändra slutsatsen",
    ),
    "one_school_decides": ("One school decides", "En enda skola avgör"),
    "an_effect_before_any_mentor": (
        "An 'effect' before any mentor",
        "En 'effekt' före någon mentor",
    ),
    "pupils_left_unevenly": ("Pupils left unevenly", "Olika många elever slutade"),
    "unlike_before": ("Schools were unlike before", "Skolorna var olika redan före"),
    "ratio_moves_it": (
        "A ratio instead of a difference moves the answer",
        "Kvot i stället för skillnad ändrar svaret",
    ),
    "without_spring_2020_moves_it": (
        "Leaving out spring 2020 moves the answer",
        "Utan våren 2020 ändras svaret",
    ),
    "cost": ("What it cost", "Vad det kostade"),
    "cost_text": (
        "Costs are those that the schools' register of the programme states. Where the gain may be nothing there is no upper "
        "bound to the cost of a gain.",
        "Kostnaderna är de som anges i registret över insatsen. Där effekten kan vara noll finns "
        "ingen övre gräns för vad en förbättring kostar.",
    ),
    "method": ("Appendix: method", "Bilaga: metod"),
    "method_text": (
        "The question is the effect on the pupils enrolled at pilot schools in the terms after the "
        "start; every pilot school counts once, and so does every term. Each pilot school's mean "
        "change is set against the comparison schools' over the same terms, adjusted for who is "
        "there. Few schools took part, and the usual formula then claims too much; the test was "
        "chosen by simulation of this design, before any result. Where no placement of so few "
        "schools could reach five per cent, the interval holds only if pilot schools' changes vary "
        "at least half and at most twice as much as the comparison schools', and the evidence is "
        "weak at most. An interval that excludes zero is strong, moderate or weak evidence by the "
        "number of warnings; secondary and exploratory results are weak at most; an interval within "
        "the smallest effect of interest says that there is none of importance; everything else "
        "cannot be determined.",
        "Frågan gäller effekten för de elever som gick på pilotskolorna under terminerna efter "
        "starten; varje pilotskola räknas en gång, liksom varje termin. Varje pilotskolas "
        "genomsnittliga förändring ställs mot jämförelseskolornas under samma terminer, med hänsyn "
        "till vilka elever som går där. Få skolor deltog, och den vanliga formeln lovar då för "
        "mycket; testet valdes med simuleringar av just denna jämförelse, före alla resultat. Där "
        "ingen fördelning av så få skolor kan nå fem procent gäller intervallet bara om "
        "pilotskolornas förändringar varierar minst hälften och högst dubbelt så mycket som "
        "jämförelseskolornas, och evidensen är då som mest svag. Ett intervall utan noll är stark, "
        "måttlig eller svag evidens efter antalet varningar; sekundära och utforskande resultat är "
        "som mest svag evidens; ett intervall inom den minsta effekt som har betydelse säger att "
        "det inte finns någon av betydelse; allt annat går inte att avgöra.",
    ),
    "units": (
        "A day is a school day of 178 a year, the least a Swedish school year may have. Effects on "
        "shares of pupils are told for a class of 25.",
        "En dag är en skoldag av 178 om året, det minsta ett svenskt läsår får ha. Effekter på "
        "andelar av elever räknas om till en klass på 25.",
    ),
    "tables": ("Appendix: tables", "Bilaga: tabeller"),
    "table": ("All main estimates", "Alla huvudskattningar"),
    "response_table": ("Response to the questionnaires", "Svar på enkäterna"),
    "outcome": ("Outcome", "Utfall"),
    "where": ("Where", "Var"),
    "estimate": ("Estimate", "Skattning"),
    "interval": ("Interval", "Intervall"),
    "unit": ("Unit", "Enhet"),
    "schools": ("Pilot schools of all", "Pilotskolor av alla"),
    "who": ("Who", "Vilka"),
    "of schools": ("Schools", "Skolor"),
    "wave": ("Wave", "Omgång"),
    "share": ("Answered (%)", "Svarade (%)"),
    "answers_n": ("Answers", "Svar"),
    "pilot_schools": ("pilot_schools", "pilotskolor"),
    "comparison_schools": ("comparison_schools", "jämförelseskolor"),
    "withheld": ("withheld", "visas inte"),
    "answers unknown": ("not known", "inte känt"),
    "to": ("to", "till"),
    "none": ("not bounded", "inte begränsat"),
}
WARNINGS = (
    "reporting_changed", "drift_before_the_start", "a_small_drift_would_overturn_it",
    "one_school_decides", "an_effect_before_any_mentor", "pupils_left_unevenly", "unlike_before",
    "ratio_moves_it", "without_spring_2020_moves_it",
)  # fmt: skip
WHO = {
    "teachers": ("teachers", "lärare"),
    "principals": ("principals", "rektorer"),
    "mentors": ("mentors", "mentorer"),
    "pupils_answering": ("pupils", "elever"),
}
# Captions of the pictures, by their file's stem.
PICTURES: dict[str, tuple[str, str]] = {
    "trends_absence_share": (
        "Absence by term, pilot and comparison schools (per cent of lesson time).",
        "Frånvaro per termin, pilot- och jämförelseskolor (procent av lektionstiden).",
    ),
    "coefficients_attendance": (
        "Effects on attendance, with intervals.",
        "Effekter på närvaron, med intervall.",
    ),
    "coefficients_goals": (
        "Effects on goal attainment, with intervals.",
        "Effekter på måluppfyllelsen, med intervall.",
    ),
    "reversion_absence_share_GR": (
        "Pupils picked when their absence was high fall back by themselves.",
        "Elever som väljs när frånvaron är hög faller tillbaka av sig själva.",
    ),
    "coefficients_eligible": (
        "Effects among pupils with earlier high absence.",
        "Effekter bland elever med tidigare hög frånvaro.",
    ),
    "coefficients_targeted": (
        "Effects among pupils whom the rule points out for targeted support.",
        "Effekter bland elever som regeln pekar ut för riktat stöd.",
    ),
    "coefficients_hours": (
        "Effects on teachers' hours a week.",
        "Effekter på lärarnas timmar i veckan.",
    ),
    "survey_roles": (
        "Four roles side by side: a description, not an effect.",
        "Fyra roller sida vid sida: en beskrivning, inte en effekt.",
    ),
    "trends_safety_index": (
        "Pupils' safety index by wave.",
        "Elevernas trygghetsindex per omgång.",
    ),
}
# Which pictures stand under which claim.
SHOWN = {
    "C1": ("trends_absence_share", "coefficients_attendance"),
    "C2": ("coefficients_goals",),
    "C3": ("reversion_absence_share_GR", "coefficients_eligible"),
    "C4": ("coefficients_targeted",),
    "C5": ("coefficients_hours", "survey_roles"),
    "C6": ("trends_safety_index",),
}
# The pictures a Swedish reader meets.
BILINGUAL = frozenset(PICTURES) | {"exposure_timeline", "logic_model"}


def say(key: str, language: Language) -> str:
    """Return a fixed sentence."""
    return pick(_TEXT[key], language)
