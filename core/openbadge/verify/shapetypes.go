package verify

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// checkPlain checks the properties of badges whose values are of one plain kind (OB3 §B "Data
// Model"), nil for a property that is none of them.
func checkPlain(path, property string, v strictjson.Value) *finding {
	kind := plainKind(property)
	if kind == nil || !v.Present() {
		return nil
	}
	if v.IsList() && property != "allowedValue" {
		return wrong("bad-type", path)
	}
	for one := v.Items(); one.Exists(); one = one.Next() {
		if !kind(one) {
			return wrong("bad-type", path)
		}
	}
	return nil
}

// plainKind is the kind of a property that has one wherever it stands, else nil. Numbers in
// quotes are numbers, as some issuers write them. Every property is asked, for which a map costs
// more.
func plainKind(property string) func(strictjson.Value) bool {
	switch property {
	case "hashed", "partial":
		return isBoolValue
	case "creditsEarned", "creditsAvailable", "latitude", "longitude":
		return isNumeric
	case "inLanguage":
		return isLanguageValue
	case "dateOfBirth":
		return isDay
	case "value", "valueMin", "valueMax", "allowedValue", "requiredValue":
		return isTextValue
	case "achievedLevel", "requiredLevel", "targetUrl":
		return isAddressValue
	}
	return nil
}

// wordsOf are the words that a property may have (OB3 §B "Enumerations"), nil for one that has
// no such list. Others get a warning: they are for readers, and what they mean for none of the
// checks changes.
func wordsOf(property string) []string {
	switch property {
	case "identityType", "identifierType":
		return identifierTypes
	case "achievementType":
		return achievementTypes
	case "resultType":
		return resultTypes
	case "targetType":
		return targetTypes
	case "status":
		return resultStates
	}
	return nil
}

var (
	achievementTypes = []string{
		"Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "BachelorDegree", "Badge",
		"Certificate", "CertificateOfCompletion", "Certification", "CoCurricular", "CommunityService", "Competency", "Course", "Degree",
		"Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment", "JourneymanCertificate", "LearningProgram", "License",
		"MasterCertificate", "MasterDegree", "Membership", "MicroCredential", "ProfessionalDoctorate", "QualityAssuranceCredential",
		"ResearchDoctorate", "SecondarySchoolDiploma",
	}
	resultTypes = []string{
		"GradePointAverage", "LetterGrade", "Percent", "PerformanceLevel", "PredictedScore", "RawScore", "Result", "RubricCriterion",
		"RubricCriterionLevel", "RubricScore", "ScaledScore", "Status",
	}
	targetTypes  = []string{"ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel", "CTDL"}
	resultStates = []string{"Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"}
)

// identifierTypes are the kinds of names that people and things have (OB3 §B
// "IdentifierTypeEnum").
var identifierTypes = []string{
	"name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber", "isbn", "issn",
	"lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId", "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
}

// unusualWord gives the first property below the subject of a badge whose word is none of its
// enumeration, "" for none.
func unusualWord(m strictjson.Value, depth int) string {
	if depth > maxShapeDepth {
		return ""
	}
	for p := m.Fields(); p.Exists(); p = p.Next() {
		if bad := unusualProperty(p, depth); bad != "" {
			return bad
		}
	}
	return ""
}

// unusualProperty is unusualWord of one property and what is below it.
func unusualProperty(p strictjson.Value, depth int) string {
	if p.IsText() {
		if words := wordsOf(p.Name()); words != nil && !slices.Contains(words, p.Text()) && !isExtensionWord(p.Text()) {
			return p.Name()
		}
		return ""
	}
	if !p.IsObject() && !p.IsList() || p.Name() == "@context" {
		return ""
	}
	for one := p.Items(); one.Exists(); one = one.Next() {
		if !one.IsObject() {
			continue
		}
		if bad := unusualWord(one, depth+1); bad != "" {
			return joinPath(p.Name(), bad)
		}
	}
	return ""
}

// isExtensionWord tells an extension of an enumeration: "ext:" and letters, digits, dots,
// dashes and underscores.
func isExtensionWord(s string) bool {
	name, is := strings.CutPrefix(s, "ext:")
	return is && name != "" && strings.Trim(name, extensionLetters) == ""
}

const extensionLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_|:"

func isAddressValue(v strictjson.Value) bool { return isIRI(v.Text()) }

// isNumeric takes a number, and one in quotes.
func isNumeric(v strictjson.Value) bool {
	_, err := strconv.ParseFloat(v.Digits()+v.Text(), 64)
	return err == nil
}

func isLanguageValue(v strictjson.Value) bool { return ld.IsLanguage(v.Text()) }

// isDay takes a date without time (XML Schema date; OB3 "Date").
func isDay(v strictjson.Value) bool {
	s := v.Text()
	if len(s) > len(time.DateOnly) {
		_, err := time.Parse("2006-01-02Z07:00", s)
		return err == nil
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// checkMoment wants a date with its zone (OB3 "DateTimeZ").
func checkMoment(path string, v strictjson.Value) *finding {
	_, zoned, ok := openbadge.TimeOf(v)
	switch {
	case !ok || !v.IsText():
		return wrong("bad-date", path)
	case !zoned:
		return wrong("date-zone", path)
	}
	return nil
}
